using System.Collections.Immutable;
using Inference.Models.Files;
using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>The properties of a loaded model, which outlive its session.</summary>
/// <param name="Labels">Class labels in the order of the output's last dimension; empty when the model has none.</param>
public sealed record Model(ModelId Id, ModelSignature Signature, ImmutableArray<string> Labels)
{
    /// <summary>The digest for results; null when the model's settings do not request it.</summary>
    public ModelDigest? Digest { get; init; }

    /// <summary>The task of the model with texts or images; null when neither its settings nor its folder name it.</summary>
    public ModelTask? Task { get; init; }

    /// <summary>The image settings; null for a model that accepts no images.</summary>
    public ImageSettings? Image { get; init; }

    /// <summary>The text settings; null for a model that accepts no text.</summary>
    public TextSettings? Text { get; init; }

    /// <summary>The largest sizes of dynamic dimensions; null when the settings have none.</summary>
    public DimensionLimits? Limits { get; init; }

    /// <summary>The inputs and outputs that the settings declare; null when the settings declare none.</summary>
    public DeclaredTensors? Declared { get; init; }

    /// <summary>The class labels of the outputs whose settings specify a label file. Other outputs have <see cref="Labels"/>.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> OutputLabels { get; init; } =
        ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The libraries of operators that are loaded for the model besides the runtime's own.</summary>
    public ImmutableArray<string> OperatorLibraries { get; init; } = [];

    /// <summary>The problems of files in the model's folder that prevent requests with texts or images.</summary>
    public ImmutableArray<FileProblem> Warnings { get; init; } = [];

    /// <summary>Why the labels in the labels file are unused; null when they are used, or when there is no such file.</summary>
    public FileProblem? LabelProblem { get; init; }

    /// <summary>
    /// The requests in the warm-up samples of the settings. Each request is the JSON of a predict or an Open Inference body.
    /// </summary>
    public ImmutableArray<string> Examples { get; init; } = [];

    /// <summary>The folder of the model's files; empty for a model without files.</summary>
    public string Folder { get; init; } = "";

    /// <summary>
    /// Whether the model has labels that fit none of its outputs. An output whose shape is not known may fit.
    /// </summary>
    public bool HasUnusableLabels =>
        !Labels.IsEmpty && !Signature.Outputs.Any(output => output.AcceptsAnyShape || HasLabelsFor(output));

    /// <summary>
    /// Whether this output has one score per label for every item, or for every token if the model classifies tokens. Scores are floats of
    /// any size, and FP32 for a model with a task. An output that is a map (<see cref="OutputPart"/>) has its own labels, in another order.
    /// </summary>
    public bool HasLabelsFor(TensorSpec output) =>
        !Labels.IsEmpty
        && output.Part is null
        && (output.Type == ElementType.Float32 || (Task is null && output.Type.IsFloat()))
        && output.Shape.Rank == (Task == ModelTask.TokenClassification ? 3 : 2)
        && (output.Shape.Dimensions[^1] == Labels.Length || output.Shape.Dimensions[^1] == Shape.Dynamic);
}
