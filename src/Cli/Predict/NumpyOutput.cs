using System.IO.Compression;
using System.Text.Json;
using Cli.Server;
using Inference;
using Inference.Models.Settings;

namespace Cli.Predict;

/// <summary>
/// Writes predictions for NumPy: an array for each output. The size of the first dimension is the number of items. An <c>.npy</c> file
/// contains one array. An <c>.npz</c> file contains one named array for each output, in the format of numpy.savez.
/// </summary>
/// <param name="path">The name of the file, whose ending chooses the format.</param>
/// <param name="types">The datatype of each output of the model, because JSON numbers have no types: see <see cref="ReadTypes"/>.</param>
/// <param name="isText">Whether the items are texts. Embeddings of texts are FP32, whatever datatypes the model's outputs have.</param>
internal sealed class NumpyOutput(string path, OutputFile file, Dictionary<string, string> types, bool isText)
    : PredictionOutput(file)
{
    private readonly Stream _file = file.Stream;
    private readonly bool _isArchive = Path.GetExtension(path).Equals(".npz", StringComparison.OrdinalIgnoreCase);
    private readonly Dictionary<string, NpyArray> _arrays = [];

    /// <summary>Reads the datatype of each output from the model's metadata in the Open Inference Protocol.</summary>
    public static Dictionary<string, string> ReadTypes(JsonElement metadata) => ServerResponse.Read(() =>
        metadata.GetProperty("outputs").EnumerateArray()
            .ToDictionary(output => output.GetProperty("name").ToString(), output => output.GetProperty("datatype").ToString()));

    /// <summary>Writes the arrays. Without predictions there is no file, because NumPy cannot load an empty file.</summary>
    protected override bool TryFinish()
    {
        if (_arrays.Count == 0)
            return false;
        if (_isArchive)
            WriteArchive();
        else
            _arrays.Values.Single().Write(_file);
        return true;
    }

    protected override void WriteItem(JsonElement prediction, JsonElement labels)
    {
        // If the items are texts, an empty item is a text without entities. Otherwise, it is an output without values.
        if (TaskResponse.FindRows(prediction) is { } rows && (rows.Count > 0 || isText))
        {
            throw CliException.CreateUsageError(
                "The responses of this task have labels, which do not fit a NumPy array. Name a .csv or .json file.");
        }

        if (prediction.ValueKind != JsonValueKind.Object)
        {
            // An embedding is computed from the model's outputs, so it does not have the name or datatype of an output.
            var (name, type) = types.Count == 1 && !isText ? types.Single() : new("predictions", "FP32");
            Add(name, type, prediction);
            return;
        }

        if (!_isArchive)
        {
            throw CliException.CreateUsageError(
                $"A .npy file holds one array, but the model has {Counted.Text(types.Count, "output")} ({string.Join(", ", types.Keys)}). "
                + "Name an .npz file, which holds all of them.");
        }

        foreach (var output in prediction.EnumerateObject())
            Add(output);
    }

    /// <summary>
    /// Adds an output, or each label of an output that is a map. When the model's only output is a map, the server sends its labels without
    /// the name of the output.
    /// </summary>
    private void Add(JsonProperty output)
    {
        const string Values = ".values";
        var type = types.GetValueOrDefault(output.Name) ?? types.GetValueOrDefault(output.Name + Values)
            ?? types.FirstOrDefault(entry => entry.Key.EndsWith(Values, StringComparison.Ordinal)).Value
            ?? throw new CliException(
                $"The response has the output {ProblemText.Quote(output.Name)}, which is not in the model's metadata. The model may have "
                + "changed. Run the command again, or name a .json file.");
        if (output.Value.ValueKind != JsonValueKind.Object)
        {
            Add(output.Name, type, output.Value);
            return;
        }

        foreach (var label in output.Value.EnumerateObject())
            Add($"{output.Name}.{label.Name}", type, label.Value);
    }

    private void Add(string name, string type, JsonElement value)
    {
        if (!_arrays.TryGetValue(name, out var array))
            _arrays.Add(name, array = new NpyArray(name, type));
        array.Add(value);
    }

    private void WriteArchive()
    {
        using var archive = new ZipArchive(_file, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, array) in _arrays)
        {
            using var entry = archive.CreateEntry($"{name}.npy", CompressionLevel.NoCompression).Open();
            array.Write(entry);
        }
    }
}
