namespace Inference.Protocols.TensorFlowServing;

/// <summary>The answer mirrors its request.</summary>
public sealed class AnswerLayout
{
    /// <summary>
    /// <c>instances</c> are answered by <c>predictions</c>, an entry a row; <c>inputs</c> by <c>outputs</c>, a tensor a name.
    /// </summary>
    public bool IsRow { get; internal set; }
}
