using System.Collections.Immutable;

namespace Inference.Models.Settings.Triton;

/// <summary>What a Triton <c>config.pbtxt</c> says, as far as it has a meaning here.</summary>
public sealed record TritonConfig
{
    public const string FileName = "config.pbtxt";

    public required ModelSettings Settings { get; init; }

    /// <summary>Above 0: every tensor has a batch dimension that <see cref="TritonTensor.Dims"/> leave out. Null when the file says nothing.</summary>
    public int? MaxBatchSize { get; init; }

    /// <summary>Empty when the file leaves them to the model.</summary>
    public ImmutableArray<TritonTensor> Inputs { get; init; } = [];

    /// <summary>Empty when the file leaves them to the model.</summary>
    public ImmutableArray<TritonTensor> Outputs { get; init; } = [];

    /// <summary>What is in the file and has no effect here, each with its reason.</summary>
    public IReadOnlyList<FileProblem> Warnings { get; init; } = [];
}
