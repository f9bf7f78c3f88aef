using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Inference.Models.Settings;

/// <summary>Finds bytes that are not UTF-8 in the text files of a model.</summary>
public static class InvalidUtf8
{
    /// <summary>Describes the position of the first byte that is not UTF-8. The first line and its first byte have number 1.</summary>
    /// <returns>A text such as <c>line 4, byte 3</c>; null when all of the text is UTF-8.</returns>
    public static string? Find(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
            return null;
        var position = 0;
        while (Rune.DecodeFromUtf8(text[position..], out _, out var length) == OperationStatus.Done)
            position += length;
        var before = text[..position];
        return $"line {before.Count((byte)'\n') + 1}, byte {position - before.LastIndexOf((byte)'\n')}";
    }
}
