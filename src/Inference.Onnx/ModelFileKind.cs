using System.Text;
using Inference.Onnx.Graph;

namespace Inference.Onnx;

/// <summary>Recognizes common files that are not ONNX models, and explains how to correct each.</summary>
internal static class ModelFileKind
{
    private const int HeadSize = 64;

    /// <summary>The tag of the IR version, which is the first field of every ONNX file.</summary>
    private const byte FirstTag = 0x08;

    private static readonly (string Start, string Advice)[] Known =
    [
        ("version https://git-lfs", "The file is a pointer of Git LFS, not the model: fetch the model (git lfs pull) and push it again."),
        ("<", "The file is a page of HTML or XML, not a model, as a failed download leaves it: download the model again."),
        ("{", "The file is JSON, not a model, as a failed download leaves it: download the model again."),
        ("PK\u0003\u0004", "The file is a zip archive or a checkpoint of PyTorch, not an ONNX model: unpack or export it."),
        ("\u001f\u008b", "The file is compressed with gzip: unpack it."),
        ("GGUF", "The file is a GGUF model, not an ONNX model: export the model to ONNX."),
        ("\u0080\u0002", "The file is a pickle of Python, not an ONNX model: export the model to ONNX."),
        ("\u0089HDF", "The file is an HDF5 model of Keras, not an ONNX model: export it (tf2onnx)."),
    ];

    /// <summary>Returns one or two sentences about a file whose content ONNX Runtime does not recognize.</summary>
    public static string Advise(string path)
    {
        try
        {
            var head = ReadHead(path, out var length);
            return AdviseOther(head) ?? AdviseModel(path, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The file cannot be read: {e.Message}";
        }
    }

    /// <summary>
    /// Reads the fields of the model and skips their contents, as a model file of gigabytes has only a few of them. A file is suspect
    /// when its fields do not end with the file, or when none of them is a graph.
    /// </summary>
    /// <inheritdoc cref="Inference.Models.IModelRuntime.FindProblemAsync" path="/exception"/>
    public static async Task<string?> FindProblemAsync(Stream file, CancellationToken cancellationToken)
    {
        if (await ModelFields.HasGraphAsync(file, cancellationToken).ConfigureAwait(false))
            return null;
        file.Position = 0;
        var head = new byte[HeadSize];
        var count = await file.ReadAtLeastAsync(head, HeadSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return AdviseOther(head.AsSpan(0, count)) ?? NotWhole(file.Length);
    }

    /// <summary>Returns the advice on a file whose first bytes are not those of an ONNX model; null for an ONNX model.</summary>
    private static string? AdviseOther(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            return "The file is empty: push the model again.";
        // Latin-1 maps every byte to one character.
        var text = Encoding.Latin1.GetString(head);
        var start = text.StartsWith("ï»¿", StringComparison.Ordinal) ? text[3..].TrimStart() : text.TrimStart(' ', '\r', '\n', '\t');
        var known = Array.Find(Known, kind => start.StartsWith(kind.Start, StringComparison.Ordinal)).Advice;
        return known ?? (head[0] == FirstTag ? null
            : $"The file is not an ONNX model: it begins with {Convert.ToHexString(head[..Math.Min(8, head.Length)])}, "
                + $"and an ONNX model with {FirstTag:X2}.");
    }

    private static string NotWhole(long length) =>
        FormattableString.Invariant($"The file begins as an ONNX model and is not whole: it has {length} bytes. ")
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
            return NotWhole(length);
        }
    }

    private static byte[] ReadHead(string path, out long length)
    {
        using var file = File.OpenHandle(path);
        length = RandomAccess.GetLength(file);
        var head = new byte[(int)Math.Min(length, HeadSize)];
        return head[..RandomAccess.Read(file, head, 0)];
    }
}
