namespace Inference.Protocols.Predict;

/// <summary>
/// The body of a predict call, and the form of its response. <see cref="PredictReader"/> fills <see cref="Format"/> while it reads the
/// body, and <see cref="PredictWriter"/> uses it after the prediction. Copies of a body share one format.
/// </summary>
public readonly record struct PredictBody(ReadOnlyMemory<byte> Json)
{
    /// <summary>The requested form of the response; the default form until the body is read.</summary>
    public ResponseFormat Format { get; } = new();
}
