using Inference.Protocols.Text;

namespace Inference.Protocols.Predict;

/// <summary>How a predict call is to be answered.</summary>
public sealed class AnswerForm
{
    /// <summary>As many as fit a small stack, and more than anyone reads.</summary>
    internal const int MaxTopK = 1000;

    private const int DefaultTopK = 5;

    /// <summary>How many labels an item gets, the best first.</summary>
    /// <value>Default: 5. 0 to <see cref="MaxTopK"/>; 0 leaves the labels out.</value>
    public int TopK { get; internal set; } = DefaultTopK;

    /// <summary>What the answer's rows are of; null when the request was no text.</summary>
    internal TextBatch? Texts { get; set; }
}
