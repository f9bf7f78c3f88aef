using System.Text;
using System.Text.Unicode;

namespace Inference.Onnx;

/// <summary>Recognizes files of other formats by their bytes, and creates advice for each format.</summary>
internal static class FileSignatures
{
    /// <summary>The number of bytes at the start of a file that suffice to recognize its format.</summary>
    public const int HeadSize = 512;

    /// <summary>The number of bytes at the end of a ZIP archive that are searched for file names.</summary>
    public const int TailSize = 64 * 1024;

    /// <summary>The maximum length of the header of a safetensors file, in bytes: MAX_HEADER_SIZE of the safetensors library.</summary>
    private const ulong MaxSafetensorsHeader = 100_000_000;

    private const string ReplaceAdvice = "push the model's .onnx file in its place";
    private const string UnpackAdvice = "unpack it, and push the .onnx file that is in it";
    private const string ExportAdvice = "export the model to ONNX";
    private const string TorchExport = "load it in Python, and export the model with torch.onnx.export";
    private const string KerasExport = "convert it with python -m tf2onnx.convert";

    /// <summary>The formats that have certain bytes at an offset. Each character of the text stands for one byte (Latin-1).</summary>
    private static readonly (int Offset, string Bytes, string Kind, string Advice)[] BinaryFormats =
    [
        (0, "\u0089PNG", "a PNG image", ReplaceAdvice),
        (0, "\u00ff\u00d8\u00ff", "a JPEG image", ReplaceAdvice),
        (0, "GIF8", "a GIF image", ReplaceAdvice),
        (8, "WEBP", "a WebP image", ReplaceAdvice),
        (8, "WAVE", "a WAV recording", ReplaceAdvice),
        (0, "II*\0", "a TIFF image", ReplaceAdvice),
        (0, "MM\0*", "a TIFF image", ReplaceAdvice),
        (4, "ftyp", "a video or an image (MP4, HEIC or AVIF)", ReplaceAdvice),
        (0, "ID3", "an MP3 recording", ReplaceAdvice),
        (0, "OggS", "an Ogg recording", ReplaceAdvice),
        (0, "%PDF", "a PDF document", ReplaceAdvice),
        (0, "\u001f\u008b", "compressed with gzip", UnpackAdvice),
        (0, "BZh", "compressed with bzip2", UnpackAdvice),
        (0, "\u00fd7zXZ", "compressed with xz", UnpackAdvice),
        (0, "\u0028\u00b5\u002f\u00fd", "compressed with zstd", UnpackAdvice),
        (0, "\u0004\u0022M\u0018", "compressed with lz4", UnpackAdvice),
        (0, "7z\u00bc\u00af", "a 7-Zip archive", UnpackAdvice),
        (0, "Rar!", "a RAR archive", UnpackAdvice),
        (257, "ustar", "a tar archive", UnpackAdvice),
        (0, "GGUF", "a GGUF model for llama.cpp", ExportAdvice),
        (0, "lmgg", "a GGML model for llama.cpp", ExportAdvice),
        (0, "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019", "a PyTorch checkpoint", TorchExport),
        (0, "\u0089HDF", "an HDF5 file, as Keras saves models", KerasExport),
        (4, "TFL3", "a TensorFlow Lite model", "convert it with python -m tf2onnx.convert --tflite"),
        (4, "ORTM", "a model in ONNX Runtime's own format (ORT)", "push the .onnx file that it was made from"),
        (0, "ptrt", "a TensorRT engine", "push the ONNX model that it was built from"),
        (0, "ftrt", "a TensorRT engine", "push the ONNX model that it was built from"),
        (0, "CBM1", "a CatBoost model", "save it with format=\"onnx\""),
        (0, "\u0093NUMPY", "a NumPy array", ReplaceAdvice),
        (0, "PAR1", "a Parquet table", ReplaceAdvice),
        (0, "ARROW1", "an Arrow table", ReplaceAdvice),
        (0, "SQLite format 3", "an SQLite database", ReplaceAdvice),
        (0, "\u007fELF", "a program or library for Linux", ReplaceAdvice),
        (0, "MZ\u0090\0", "a program or library for Windows", ReplaceAdvice),
        (0, "\u00cf\u00fa\u00ed\u00fe", "a program or library for macOS", ReplaceAdvice),
    ];

    /// <summary>The kinds of ZIP archives. A kind is recognized by a part of the name of a file in the archive.</summary>
    private static readonly (string Part, string Kind, string Advice)[] ArchiveKinds =
    [
        ("constants.pkl", "a TorchScript archive", "load it with torch.jit.load, and export the model with torch.onnx.export"),
        ("archive_format", "an exported PyTorch program (.pt2)", TorchExport),
        ("data.pkl", "a PyTorch checkpoint", TorchExport),
        ("model.weights.h5", "a Keras model", KerasExport),
        ("saved_model.pb", "a ZIP archive with a TensorFlow model", KerasExport),
        (".onnx", "a ZIP archive with an ONNX model in it", UnpackAdvice),
        (".npy", "an archive of NumPy arrays (.npz)", ReplaceAdvice),
    ];

    /// <summary>The formats that begin with certain text. Case is ignored.</summary>
    private static readonly (string Start, string Kind, string Advice)[] TextFormats =
    [
        ("version https://git-lfs", "a Git LFS pointer", "fetch the model (git lfs pull) and push it again"),
        ("/annex/objects/", "a git-annex pointer", "fetch the model (git annex get) and push it again"),
        ("<!doctype html", "an HTML page", "the download of the model has failed. Download it again"),
        ("<html", "an HTML page", "the download of the model has failed. Download it again"),
        ("<?xml", "XML", "if its download has failed, download it again. Export a model of another format, such as OpenVINO's, to ONNX"),
        ("<", "an HTML or XML page", "the download of the model has failed. Download it again"),
        ("{\"learner\"", "an XGBoost model in JSON", "convert it with onnxmltools"),
        ("{", "JSON", "if its download has failed, download it again. Otherwise push the .onnx file in its place"),
        ("[", "JSON", "if its download has failed, download it again. Otherwise push the .onnx file in its place"),
        ("tree\n", "a LightGBM model", "convert it with onnxmltools"),
    ];

    /// <summary>Whether a file begins as a ZIP archive.</summary>
    public static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8);

    /// <summary>Returns a sentence with the kind of a ZIP archive and with advice.</summary>
    /// <param name="head">The first bytes of the file, at most <see cref="HeadSize"/>.</param>
    /// <param name="tail">
    /// The last bytes of the file, at most <see cref="TailSize"/>. The end of an archive lists the names of its files.
    /// </param>
    public static string DescribeZip(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        foreach (var (part, kind, advice) in ArchiveKinds)
        {
            var name = Encoding.ASCII.GetBytes(part);
            if (tail.IndexOf(name) >= 0 || head.IndexOf(name) >= 0)
                return FormatAdvice(kind, advice);
        }

        return FormatAdvice("a ZIP archive", UnpackAdvice);
    }

    /// <summary>
    /// Returns a sentence with the format of a file and with advice, if the first bytes are those of a binary format. Otherwise returns
    /// null.
    /// </summary>
    /// <param name="head">The first bytes of the file.</param>
    public static string? DescribeStart(ReadOnlySpan<byte> head) => DescribeBinary(Encoding.Latin1.GetString(head), maxOffset: 0);

    /// <summary>Returns a sentence with the format of a file and with advice; null for a file that may be a protobuf message.</summary>
    /// <param name="head">The first bytes of the file, at most <see cref="HeadSize"/>.</param>
    public static string? Describe(ReadOnlySpan<byte> head)
    {
        // Latin-1 maps every byte to one character.
        var text = Encoding.Latin1.GetString(head);
        if (DescribeBinary(text, maxOffset: HeadSize) is { } binary)
            return binary;
        if (IsSafetensors(head))
        {
            return FormatAdvice(
                "a safetensors file, which has weights without a graph",
                "export the model with optimum-cli export onnx or torch.onnx.export");
        }

        if (head is [0x80, >= 2 and <= 5, ..])
        {
            return FormatAdvice(
                "a Python pickle", "load it in Python, and export the model (skl2onnx for scikit-learn, torch.onnx.export for PyTorch)");
        }

        if (head is [0x78, 0x01 or 0x9c or 0xda, ..])
        {
            return FormatAdvice(
                "compressed with zlib, as joblib saves Python objects",
                "load it in Python, and export the model, for example with skl2onnx");
        }

        if (!head.ContainsAnyExcept((byte)0))
            return "The file begins with zeros, which an interrupted copy leaves: push or copy the model again.";
        return DescribeText(head);
    }

    private static string? DescribeText(ReadOnlySpan<byte> head)
    {
        if (ReadText(head) is not { } text)
            return null;
        var start = text.TrimStart('\ufeff', ' ', '\r', '\n', '\t');
        foreach (var (begin, kind, advice) in TextFormats)
        {
            if (start.StartsWith(begin, StringComparison.OrdinalIgnoreCase))
                return FormatAdvice(kind, advice);
        }

        var line = start.Split('\n', '\r')[0];
        return line.Length == 0
            ? FormatAdvice("blank text", ReplaceAdvice)
            : $"The file is text, not an ONNX model: it begins with \"{Quote.Shorten(line)}\". "
                + "Push the model's .onnx file in its place.";
    }

    private static string? ReadText(ReadOnlySpan<byte> head)
    {
        if (head is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
            return (head[0] == 0xff ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(head[..(head.Length & ~1)]);
        foreach (var value in head)
        {
            if (value is < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f') or 0x7f)
                return null;
        }

        // The last character of the head may be incomplete.
        for (var omitted = 0; omitted < 4 && omitted < head.Length; omitted++)
        {
            if (Utf8.IsValid(head[..^omitted]))
                return Encoding.UTF8.GetString(head[..^omitted]);
        }

        return null;
    }

    private static string? DescribeBinary(string head, int maxOffset)
    {
        foreach (var (offset, bytes, kind, advice) in BinaryFormats)
        {
            if (offset <= maxOffset && head.Length > offset && string.CompareOrdinal(head, offset, bytes, 0, bytes.Length) == 0)
                return FormatAdvice(kind, advice);
        }

        return null;
    }

    /// <summary>Whether the file begins like a safetensors file: with the length of a JSON header, and the start of the header.</summary>
    private static bool IsSafetensors(ReadOnlySpan<byte> head) =>
        head.Length > 10 && BitConverter.ToUInt64(head) <= MaxSafetensorsHeader && head[8] == '{' && head[9] is (byte)'"' or (byte)'}';

    private static string FormatAdvice(string kind, string advice) => $"The file is {kind}, not an ONNX model: {advice}.";
}
