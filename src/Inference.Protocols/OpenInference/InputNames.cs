using Inference.Models;
using Inference.Requests;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// Checks the name of an input before its data takes memory, so that a request has no more tensors than its model has inputs.
/// </summary>
/// <param name="request">The inputs so far. Null in a response, whose reader checks the names itself.</param>
/// <param name="signature">Null when the model is not known. Then only a repeated name is refused.</param>
internal readonly struct InputNames(PredictionRequest? request, ModelSignature? signature)
{
    /// <summary>
    /// The maximum number of inputs, outputs or raw contents of a request. No model has as many, and even a short one takes memory. Where
    /// the model's name follows them, its own number is checked later.
    /// </summary>
    public const int MaxTensors = 1024;

    /// <summary>Whether the tensors belong to a response.</summary>
    public bool AreOfAnswer => request is null;

    /// <summary>Throws when the model has no such input, the name is repeated, or the request has too many inputs.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public void Check(string name, string path)
    {
        if (signature is not null && signature.IndexOfInput(name) < 0)
            throw signature.UnknownInput(name, path);
        if (request?.Inputs.Count >= MaxTensors)
            throw InferenceException.InvalidRequest($"The request has more than {MaxTensors} inputs.");
        request?.ThrowIfGiven(name, path);
    }
}
