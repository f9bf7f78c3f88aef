namespace Inference.Protocols.TensorFlowServing;

/// <summary>The layout of the response, which follows the layout of the request.</summary>
public sealed class TensorFlowResponseLayout
{
    /// <summary>
    /// Whether the request has <c>instances</c>, so that the response has <c>predictions</c> with one entry per row. Otherwise the request
    /// has <c>inputs</c>, and the response has <c>outputs</c> with one tensor per name.
    /// </summary>
    public bool HasRows { get; internal set; }
}
