using System.Globalization;
using System.Text.RegularExpressions;
using Inference.Models;
using Inference.Models.Files;
using Inference.Onnx.Cache;

namespace Inference.Onnx;

/// <summary>Describes problems of external data: the files beside a model that contain its weights.</summary>
internal static partial class ExternalWeights
{
    /// <summary>The maximum size of a Git LFS pointer in bytes.</summary>
    private const int MaxPointerSize = 1024;

    private static ReadOnlySpan<byte> PointerStart => "version https://git-lfs"u8;

    /// <summary>Describes a file of the external data that is only a Git LFS pointer; returns null when there is no such file.</summary>
    public static string? DescribePointer(string modelPath, CancellationToken cancellationToken)
    {
        try
        {
            var pointers = new FileInfo(modelPath).Directory!.EnumerateFiles()
                .Where(file => RegularFile.Exists(file.FullName) && file.Length <= MaxPointerSize && IsPointer(file.FullName))
                .Select(file => file.Name).ToList();
            // Few folders contain a pointer. In all other folders, the model file need not be read for the names of its external data.
            if (pointers.Count == 0 || ExternalFiles.TryRead(modelPath, cancellationToken) is not { } weights)
                return null;
            var name = weights.Names.FirstOrDefault(pointers.Contains);
            return name is null
                ? null
                : $"{DescribeFile(name)} is a Git LFS pointer, not the weights: fetch the weights (git lfs pull) and push the model again.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ONNX Runtime reports the unreadable file.
            return null;
        }
    }

    /// <summary>
    /// Describes a problem of the external data, with advice; returns null when the message of ONNX Runtime has another cause.
    /// </summary>
    /// <param name="reason">The message of ONNX Runtime.</param>
    public static string? Advise(string reason, ModelFiles files)
    {
        if (MissingFileMessage().Match(reason) is { Success: true } missingFile)
        {
            var name = Path.GetFileName(missingFile.Groups[1].Value);
            var model = Path.GetFileName(files.ModelPath);
            return files.Folder is null && !name.StartsWith(model, StringComparison.Ordinal)
                ? $"{DescribeFile(name)} does not belong to a model that is one file without a folder: only files whose names begin with "
                    + $"\"{Quote.Shorten(model)}\" do. Put both in a folder, such as \"{Quote.Shorten(Path.GetFileNameWithoutExtension(model))}/1/\"."
                : $"{DescribeFile(name)} is missing: put the file beside the model file, under this name.";
        }

        if (TruncatedFileMessage().Match(reason) is not { Success: true } truncated)
            return null;
        var (length, end) = (truncated.Groups[3].Value, ParseNumber(truncated.Groups[1]) + ParseNumber(truncated.Groups[2]));
        return $"{DescribeFile(FindByLength(files.ModelPath, length))} is incomplete: it has "
            + $"{Counted.Text(ParseNumber(truncated.Groups[3]), "byte")}, but the model needs at least {end}. "
            + "Push or copy the file again, and compare its size.";
    }

    private static long ParseNumber(Group digits) => long.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    private static string DescribeFile(string? name) =>
        $"The file {(name is null ? "" : $"\"{Quote.Shorten(name)}\", ")}which holds weights of the model,";

    /// <summary>Finds the file by its length, because ONNX Runtime's message names the weights but not their file.</summary>
    private static string? FindByLength(string modelPath, string length)
    {
        try
        {
            return ExternalFiles.TryRead(modelPath, CancellationToken.None) is { } weights
                ? weights.Names.FirstOrDefault(name =>
                    new FileInfo(weights.GetPath(name)) is { Exists: true } file && $"{file.Length}" == length)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsPointer(string path)
    {
        using var file = File.OpenHandle(path);
        Span<byte> start = stackalloc byte[PointerStart.Length];
        return RandomAccess.Read(file, start, 0) == start.Length && start.SequenceEqual(PointerStart);
    }

    [GeneratedRegex("""External data path does not exist: "?([^"\n]+)"?""", RegexOptions.CultureInvariant)]
    private static partial Regex MissingFileMessage();

    [GeneratedRegex(@"offset: (\d+) size to read: (\d+) given file_length: (\d+) are out of bounds", RegexOptions.CultureInvariant)]
    private static partial Regex TruncatedFileMessage();
}
