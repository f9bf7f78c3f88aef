namespace Inference.Protocols.TensorFlowServing;

/// <summary>The layout of the response, which follows that of the request.</summary>
public sealed class TensorFlowResponseLayout
{
    /// <summary>
    /// Whether the request has <c>instances</c>. Its response has <c>predictions</c>, an entry per row. A request with <c>inputs</c> gets
    /// <c>outputs</c>, a tensor per name.
    /// </summary>
    public bool IsRow { get; internal set; }
}
