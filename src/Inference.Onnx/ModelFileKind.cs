using Inference.Onnx.Graph;
using Microsoft.Win32.SafeHandles;

namespace Inference.Onnx;

/// <summary>Recognizes files that are not ONNX models, and creates advice for each kind of file.</summary>
internal static class ModelFileKind
{
    /// <summary>Returns advice on a file whose content ONNX Runtime does not recognize.</summary>
    public static string Advise(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            var length = RandomAccess.GetLength(file);
            // The reads complete synchronously, so this call does not block.
            var problem = FindProblemAsync((position, buffer) => new(RandomAccess.Read(file, buffer.Span, position)), length)
                .GetAwaiter().GetResult();
            return problem ?? DescribeHead(file) ?? AdviseModel(path, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The file cannot be read: {e.Message}";
        }
    }

    /// <summary>
    /// Checks whether a file is a complete ONNX model. The check reads only the head of each field and skips the content, so it is fast:
    /// even a model of gigabytes has few fields. A file has a problem if its last field is incomplete, if no field is a graph, or if it
    /// begins like a file of another format.
    /// </summary>
    /// <returns>A sentence with the problem and with advice; null when no problem was found.</returns>
    /// <inheritdoc cref="Inference.Models.IModelRuntime.FindProblemAsync" path="/exception"/>
    public static Task<string?> FindProblemAsync(Stream file, CancellationToken cancellationToken)
    {
        return FindProblemAsync(ReadAsync, file.Length);

        ValueTask<int> ReadAsync(long position, Memory<byte> buffer)
        {
            file.Position = position;
            return file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
    }

    private static async Task<string?> FindProblemAsync(RangeReader read, long length)
    {
        if (length == 0)
            return "The file is empty: push the model again.";
        var verdict = await ModelFieldScanner.ClassifyAsync(read, length).ConfigureAwait(false);
        var head = await ReadAsync(0, FileSignatures.HeadSize).ConfigureAwait(false);
        // The bytes of another format can also look like complete fields of a model.
        if (verdict == ModelFileVerdict.Model)
            return FileSignatures.DescribeStart(head.Span);
        if (FileSignatures.IsZip(head.Span))
        {
            var tail = await ReadAsync(Math.Max(0, length - FileSignatures.TailSize), FileSignatures.TailSize).ConfigureAwait(false);
            return FileSignatures.DescribeZip(head.Span, tail.Span);
        }

        return FileSignatures.Describe(head.Span) ?? verdict switch
        {
            ModelFileVerdict.CutOff => DescribeIncomplete(length),
            ModelFileVerdict.NoGraph =>
                $"The file has no graph, so it is not a complete ONNX model: it has {Counted.Text(length, "byte")}. "
                + "Push or copy it again, and compare its size.",
            ModelFileVerdict.ManyFields => null,
            ModelFileVerdict.OtherMessage => ProtobufKind.Describe(head.Span),
            _ => ProtobufKind.DescribeGraph(head.Span)
                ?? "The file has an unknown format and is not an ONNX model: export the model to ONNX, or push it again.",
        };

        async Task<ReadOnlyMemory<byte>> ReadAsync(long position, int count)
        {
            var buffer = new byte[(int)Math.Min(count, length - position)];
            return buffer.AsMemory(0, await read(position, buffer).ConfigureAwait(false));
        }
    }

    /// <summary>Describes a file that begins as another format; returns null for a file that may be a protobuf message.</summary>
    private static string? DescribeHead(SafeFileHandle file)
    {
        Span<byte> head = stackalloc byte[FileSignatures.HeadSize];
        return FileSignatures.Describe(head[..RandomAccess.Read(file, head, 0)]);
    }

    private static string DescribeIncomplete(long length) =>
        $"The file begins like an ONNX model but is incomplete: it has {Counted.Text(length, "byte")}. "
        + "Push or copy it again, and compare its size.";

    private static string AdviseModel(string path, long length)
    {
        try
        {
            OnnxModelReader.Read(path, CancellationToken.None);
            return "Check the model with onnx.checker, and export it again.";
        }
        catch (InvalidDataException)
        {
            return DescribeIncomplete(length);
        }
    }
}
