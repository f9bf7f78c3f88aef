using Inference.Protocols.Text;

namespace Inference.Protocols.Predict;

/// <summary>The form of a predict call's response.</summary>
public sealed class ResponseFormat
{
    /// <summary>
    /// The maximum of <see cref="TopK"/>. The limit exists because the indices of an item's labels are kept on the stack.
    /// </summary>
    internal const int MaxTopK = 1000;

    private const int DefaultTopK = 5;

    private int? _topK;

    /// <summary>
    /// The maximum number of labels per item, or of tokens per mask. The labels or tokens with the highest scores are returned.
    /// </summary>
    /// <value>Default: 5. 0 to <see cref="MaxTopK"/>; 0 omits the labels.</value>
    public int TopK
    {
        get => _topK ?? DefaultTopK;
        internal set => _topK = value;
    }

    /// <summary>The value that the request sets for <see cref="TopK"/>; null when the request sets none.</summary>
    internal int? RequestedTopK => _topK;

    /// <summary>Whether the response has the format of Hugging Face's inference, without the name of the model.</summary>
    internal bool IsHuggingFace { get; set; }

    /// <summary>Whether the request has one image that is not in an array.</summary>
    internal bool HasSingleImage { get; set; }

    internal PredictParameters Parameters { get; set; } = PredictParameters.Default;

    /// <summary>The texts that the rows of the response belong to; null when the request has none.</summary>
    internal TextBatch? Texts { get; set; }
}
