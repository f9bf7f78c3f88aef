using Inference.Protocols.Text;

namespace Inference.Protocols.Predict;

/// <summary>The form of a predict call's response.</summary>
public sealed class AnswerForm
{
    /// <summary>The most labels of an item: as many as fit a small stack.</summary>
    internal const int MaxTopK = 1000;

    private const int DefaultTopK = 5;

    /// <summary>The number of labels of an item, the best first.</summary>
    /// <value>Default: 5. 0 to <see cref="MaxTopK"/>; 0 leaves the labels out.</value>
    public int TopK { get; internal set; } = DefaultTopK;

    /// <summary>The texts that the rows of the response belong to; null when the request had none.</summary>
    internal TextBatch? Texts { get; set; }
}
