using Inference;
using Inference.Repository.Layout;

namespace Cli.Models;

/// <summary>Chooses one of the model files that exporters put into a Hugging Face folder, such as <c>onnx/model_fp16.onnx</c>.</summary>
internal static class ModelVariant
{
    public const string Full = "fp32";
    public const string Half = "fp16";
    public const string Quantized = "quantized";

    private const string UsualStem = "model";

    /// <summary>
    /// The ends of the file names of quantized models, the most common first. A file with one of the last two ends is for one kind of
    /// processor.
    /// </summary>
    private static readonly string[][] QuantizedEnds = [["_quantized"], ["_int8"], ["_uint8"], ["_qint8", "_quint8"]];

    /// <summary>The ends of the file names of models other than the plain full-precision model.</summary>
    private static readonly string[] OtherEnds =
        ["_fp16", "_q4", "_q4f16", "_q8", "_bnb4", "_O1", "_O2", "_O3", "_O4", .. QuantizedEnds.SelectMany(ends => ends)];

    /// <summary>Returns the name of the model file of a variant.</summary>
    /// <param name="names">The files of the folder, relative to it, with <c>/</c> between folders.</param>
    /// <param name="variant"><see cref="Full"/>, <see cref="Half"/>, <see cref="Quantized"/>, or the name of a file.</param>
    /// <param name="folder">The folder's name, for error messages.</param>
    /// <exception cref="CliException">There is no such file, or more than one.</exception>
    public static string Choose(IEnumerable<string> names, string variant, string folder)
    {
        List<string> files = [.. names.Where(ModelFileName.IsCandidate)];
        List<string> found = variant switch
        {
            Full => FindFull(files),
            Half => files.FindAll(file => HasEnd(file, "_fp16")),
            Quantized => QuantizedEnds.Select(ends => files.FindAll(file => ends.Any(end => HasEnd(file, end))))
                .FirstOrDefault(some => some.Count > 0) ?? [],
            _ => files.FindAll(file => file == variant || file.EndsWith($"/{variant}", StringComparison.Ordinal)),
        };
        return found is [var only] ? only : throw CliException.Usage(
            (found.Count == 0
                ? $"{folder} has no model file for --variant {Quote.Of(variant)}, but {ModelFileName.List(files)}."
                : $"{folder} has several model files for --variant {Quote.Of(variant)}: {ModelFileName.List(found)}.")
            + $" Choose {Full}, {Half}, {Quantized} or the name of a file.");
    }

    private static List<string> FindFull(List<string> files)
    {
        var full = files.FindAll(file => !OtherEnds.Any(end => HasEnd(file, end)));
        return full.FindAll(file => StemOf(file) == UsualStem) is { Count: 1 } usual ? usual : full;
    }

    private static bool HasEnd(string file, string end)
    {
        var stem = StemOf(file);
        var at = stem.LastIndexOf(end, StringComparison.OrdinalIgnoreCase);
        // The end is followed by nothing or by a processor, as in model_qint8_avx512_vnni.
        return at >= 0 && (at + end.Length == stem.Length || stem[at + end.Length] == '_');
    }

    private static string StemOf(string file) => Path.GetFileNameWithoutExtension(file);
}
