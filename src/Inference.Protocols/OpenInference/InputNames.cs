using Inference.Models;
using Inference.Requests;

namespace Inference.Protocols.OpenInference;

/// <summary>Checks the name of an input before its data takes memory: one request has no more tensors than its model has inputs.</summary>
/// <param name="request">The inputs so far. Null in a response, whose reader checks the names itself.</param>
/// <param name="signature">Null where the model is not known: then a name is only refused when it was given before.</param>
internal readonly struct InputNames(PredictionRequest? request, ModelSignature? signature)
{
    /// <summary>
    /// The most inputs, outputs or raw contents of a request: no model has as many, and each takes memory however short it is. The model's
    /// own number is checked later where its name comes after them.
    /// </summary>
    public const int MaxTensors = 1024;

    /// <summary>Whether the tensors are those of a response.</summary>
    public bool AreOfAnswer => request is null;

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public void Check(string name, string path)
    {
        if (signature is not null && signature.IndexOfInput(name) < 0)
            throw signature.RefuseInput(name, path);
        if (request?.Inputs.Count >= MaxTensors)
            throw InferenceException.InvalidRequest($"The request has more than {MaxTensors} inputs.");
        request?.ThrowIfGiven(name, path);
    }
}
