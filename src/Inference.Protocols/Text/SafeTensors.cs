using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Protocols.Text;

/// <summary>
/// Reads safetensors files (https://huggingface.co/docs/safetensors). A file contains the length of its header, the header in JSON with
/// each tensor's type, shape and position, and the elements.
/// </summary>
internal static class SafeTensors
{
    /// <summary>The maximum size of a file, in bytes. The dense layers of sentence embeddings have a few million numbers.</summary>
    private const long MaxSize = 256 << 20;

    private const int PrefixSize = sizeof(ulong);

    /// <summary>Reads the tensors of a file.</summary>
    /// <param name="name">The name of the file in messages.</param>
    /// <returns>The tensors by their names.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is too large, malformed, or has elements that are not floating point.</exception>
    public static Dictionary<string, (float[] Values, int[] Shape)> Read(string path, string name)
    {
        if (new FileInfo(path).Length is > MaxSize and var size)
            throw new InvalidDataException($"{name} has {size} bytes; the maximum for a dense layer is {MaxSize}.");
        var content = File.ReadAllBytes(path).AsSpan();
        if (content.Length < PrefixSize
            || BinaryPrimitives.ReadUInt64LittleEndian(content) is var length && length > (ulong)(content.Length - PrefixSize))
        {
            throw CreateMalformedError(name);
        }

        var elements = content[(PrefixSize + (int)length)..];
        try
        {
            var reader = new Utf8JsonReader(content.Slice(PrefixSize, (int)length));
            using var header = JsonDocument.ParseValue(ref reader);
            var tensors = new Dictionary<string, (float[], int[])>(StringComparer.Ordinal);
            foreach (var tensor in header.RootElement.EnumerateObject().Where(tensor => tensor.Name != "__metadata__"))
                tensors[tensor.Name] = Read(tensor, elements, name);
            return tensors;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw CreateMalformedError(name, e);
        }
    }

    private static (float[] Values, int[] Shape) Read(JsonProperty tensor, ReadOnlySpan<byte> elements, string name)
    {
        var shape = tensor.Value.GetProperty("shape"u8).EnumerateArray().Select(size => size.GetInt32()).ToArray();
        var offsets = tensor.Value.GetProperty("data_offsets"u8).EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
        if (offsets is not [var start, var end] || start < 0 || start > end || end > elements.Length)
            throw CreateMalformedError(name);
        var bytes = elements[(int)start..(int)end];
        var values = tensor.Value.GetProperty("dtype"u8).GetString() switch
        {
            "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "F64" => [.. MemoryMarshal.Cast<byte, double>(bytes).ToArray().Select(value => (float)value)],
            "F16" => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(value => (float)value)],
            "BF16" => [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(BFloat16.Widen)],
            var other =>
                throw new InvalidDataException(
                    $"{name}: {ProblemText.Quote(tensor.Name)} has elements of type {ProblemText.Quote($"{other}")}; F64, F32, F16 or "
                    + "BF16 is expected."),
        };
        return shape.Aggregate(1L, (count, size) => count * size) == values.Length && shape.All(size => size >= 0)
            ? (values, shape)
            : throw CreateMalformedError(name);
    }

    private static InvalidDataException CreateMalformedError(string name, Exception? cause = null) =>
        new($"{name} is not a safetensors file, or is incomplete. Download or export it again.", cause);
}
