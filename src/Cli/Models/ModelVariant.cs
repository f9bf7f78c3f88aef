using Inference;
using Inference.Models.Settings;
using Inference.Repository.Layout;

namespace Cli.Models;

/// <summary>Chooses one of the model files that exporters put into a Hugging Face folder, such as <c>onnx/model_fp16.onnx</c>.</summary>
internal static class ModelVariant
{
    public const string Full = "fp32";
    public const string Half = "fp16";
    public const string Quantized = "quantized";

    private const string DefaultStem = "model";
    private const int MaxListed = 8;

    /// <summary>
    /// The suffixes of the file names of quantized models, in order of preference. The two suffixes in the last group mark models for one
    /// kind of processor.
    /// </summary>
    private static readonly string[][] QuantizedSuffixes = [["_quantized"], ["_int8"], ["_uint8"], ["_qint8", "_quint8"]];

    /// <summary>The suffixes of the file names of all models except the plain full-precision model.</summary>
    private static readonly string[] OtherSuffixes =
        ["_fp16", "_q4", "_q4f16", "_q8", "_bnb4", "_O1", "_O2", "_O3", "_O4", .. QuantizedSuffixes.SelectMany(suffixes => suffixes)];

    /// <summary>Returns the name of the model file of a variant.</summary>
    /// <param name="names">The files of the folder, relative to it, with <c>/</c> between folders.</param>
    /// <param name="variant"><see cref="Full"/>, <see cref="Half"/>, <see cref="Quantized"/>, or the name of a file.</param>
    /// <param name="folder">The folder's name, for error messages.</param>
    /// <exception cref="CliException">There is no such file, or more than one.</exception>
    public static string Choose(IEnumerable<string> names, string variant, string folder)
    {
        List<string> files = [.. names.Where(ModelFileName.IsCandidate)];
        var found = Find(files, variant);
        return found is [var only] ? only : throw CliException.CreateUsageError(
            (found.Count == 0
                ? $"{folder} has no model file for --variant {Quote.Shorten(variant)}."
                : $"{folder} has several model files for --variant {Quote.Shorten(variant)}: {ModelFileName.FormatNames(found)}.")
            + (files.Count == 0 ? " It has no model file at all." : $" Choose {DescribeChoices(files)}."));
    }

    /// <summary>
    /// Lists the values of <c>--variant</c> that choose a model file of the folder. A file is listed by its short name, such as fp16, when
    /// no other file has that short name. Otherwise the file is listed by its file name.
    /// </summary>
    /// <param name="names">The files of the folder, relative to it, with <c>/</c> between folders.</param>
    /// <param name="except">A model file that is left out; null to list all.</param>
    /// <returns>The values, as in <c>--variant fp32 or fp16</c>; empty when the folder has no such model file.</returns>
    public static string DescribeChoices(IEnumerable<string> names, string? except = null)
    {
        List<string> files = [.. names.Where(ModelFileName.IsCandidate).Order(StringComparer.Ordinal)];
        var namesByFile = ((string[])[Full, Half, Quantized]).Select(variant => (Variant: variant, Found: Find(files, variant)))
            .Where(choice => choice.Found.Count == 1)
            .DistinctBy(choice => choice.Found[0])
            .ToDictionary(choice => choice.Found[0], choice => choice.Variant, StringComparer.Ordinal);
        List<string> values =
        [
            .. namesByFile.Where(choice => choice.Key != except).Select(choice => choice.Value),
            .. files.Where(file => file != except && !namesByFile.ContainsKey(file)).Select(ProblemText.Quote),
        ];
        var shown = values.Count > MaxListed ? values[..MaxListed].Append($"{values.Count - MaxListed} more").ToList() : values;
        return shown.Count == 0 ? ""
            : shown.Count == 1 ? $"--variant {shown[0]}"
            : $"--variant {string.Join(", ", shown[..^1])} or {shown[^1]}";
    }

    private static List<string> Find(List<string> files, string variant) => variant switch
    {
        Full => FindFull(files),
        Half => files.FindAll(file => HasSuffix(file, "_fp16")),
        Quantized => QuantizedSuffixes.Select(suffixes => files.FindAll(file => suffixes.Any(suffix => HasSuffix(file, suffix))))
            .FirstOrDefault(matches => matches.Count > 0) ?? [],
        _ => files.FindAll(file => file == variant || file.EndsWith($"/{variant}", StringComparison.Ordinal)),
    };

    private static List<string> FindFull(List<string> files)
    {
        var full = files.FindAll(file => !OtherSuffixes.Any(suffix => HasSuffix(file, suffix)));
        return full.FindAll(file => GetStem(file) == DefaultStem) is { Count: 1 } usual ? usual : full;
    }

    private static bool HasSuffix(string file, string suffix)
    {
        var stem = GetStem(file);
        var start = stem.LastIndexOf(suffix, StringComparison.OrdinalIgnoreCase);
        // Only the name of a processor may follow the suffix, as in model_qint8_avx512_vnni.
        return start >= 0 && (start + suffix.Length == stem.Length || stem[start + suffix.Length] == '_');
    }

    private static string GetStem(string file) => Path.GetFileNameWithoutExtension(file);
}
