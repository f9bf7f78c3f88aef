using System.Collections.Immutable;
using System.Text;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// Finds the labels of the classes of an output. The labels are the keys of a map, the labels in the settings of the output, or the labels
/// of the model.
/// </summary>
internal sealed class ClassLabels
{
    private readonly ImmutableArray<string> _outputLabels;

    /// <summary>The keys of the maps of all items; null for an output that is a tensor.</summary>
    private readonly List<string>? _keys;

    public ClassLabels(Prediction prediction, string output)
    {
        Model = prediction.Model;
        _outputLabels = Model.OutputLabels.GetValueOrDefault(output, []);
        if (Model.Signature.FindPart(output) is { Kind: OutputPartKind.RowValues } part)
            _keys = ReadKeys(prediction, part with { Kind = OutputPartKind.RowKeys });
    }

    public Model Model { get; }

    /// <summary>Finds the label of a class; null when the class has none.</summary>
    /// <param name="classCount">The number of classes of an item.</param>
    public string? Find(int item, int index, int classCount) =>
        _keys is not null ? _keys.ElementAtOrDefault((item * classCount) + index)
        : index < _outputLabels.Length ? _outputLabels[index]
        : _outputLabels.IsEmpty && Model.Labels.Length == classCount ? Model.Labels[index]
        : null;

    private static List<string> ReadKeys(Prediction prediction, OutputPart part)
    {
        var keys = new List<string>();
        if (prediction.Outputs.FirstOrDefault(output => output.Name == part.TensorName).Tensor is not { } tensor)
            return keys;
        foreach (var key in new PackedBytes(tensor.Data.Span))
            keys.Add(Encoding.UTF8.GetString(key));
        return keys;
    }
}
