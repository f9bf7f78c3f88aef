using Inference.Models.Settings;
using Inference.Models.Settings.Remote;

namespace Inference.Repository.Triton;

/// <summary>The part of a Triton <c>config.pbtxt</c> that this server uses.</summary>
public sealed record TritonConfig
{
    public const string FileName = "config.pbtxt";

    /// <summary>The field that names the model file.</summary>
    internal const string ModelFileField = "default_model_filename";

    /// <summary>The settings in the file, with the defaults of the settings that the file omits.</summary>
    public required ModelSettings Settings { get; init; }

    /// <summary>
    /// The declared tensors, with the dimensions of the model. For a tensor with <c>reshape</c>, <see cref="DeclaredTensor.CallerDims"/>
    /// contains the dimensions of requests.
    /// </summary>
    public DeclaredTensors Tensors { get; init; } = new(FileName, MaxBatchSize: null, [], []);

    /// <summary>The fields that have no effect here, each with its reason.</summary>
    public IReadOnlyList<FileProblem> Warnings { get; init; } = [];
}
