using System.Collections.Immutable;
using Inference.Protocols.Text;

namespace Inference.Protocols.Predict;

/// <summary>
/// The parameters of a predict request that decide how inputs are read and outputs are computed. <see cref="ResponseFormat"/> has those
/// that change only the form of the response.
/// </summary>
internal sealed record PredictParameters
{
    public static readonly PredictParameters Default = new();

    public TextOptions Options { get; init; } = TextOptions.Default;

    /// <summary>The labels that zero-shot classification scores.</summary>
    public ImmutableArray<string> CandidateLabels { get; init; } = [];

    /// <summary>The sentence into which zero-shot classification inserts a label.</summary>
    public string HypothesisTemplate { get; init; } = Hypothesis.DefaultTemplate;

    /// <summary>Whether several candidate labels may apply to the same text.</summary>
    public bool IsMultiLabel { get; init; }

    public TokenAggregation Aggregation { get; init; }

    /// <summary>The labels of tokens that are not entities.</summary>
    public ImmutableArray<string> IgnoredLabels { get; init; } = ["O"];

    /// <summary>The only tokens that may fill a mask; empty for all tokens.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>The names of the parameters that have a value in the request.</summary>
    public ImmutableArray<string> Names { get; init; } = [];
}
