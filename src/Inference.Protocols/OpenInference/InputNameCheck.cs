using Inference.Models;
using Inference.Requests;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// Checks the name of an input before its data takes memory, so that a request has no more tensors than its model has inputs.
/// </summary>
/// <param name="request">The request with the inputs so far; null for the tensors of a response, whose reader checks the names.</param>
/// <param name="signature">The signature of the model. If it is null (unknown), only repeated names are refused.</param>
internal readonly struct InputNameCheck(PredictionRequest? request, ModelSignature? signature)
{
    /// <summary>
    /// The maximum number of inputs, outputs or raw contents of a request, because even a short entry takes memory. No model has so many.
    /// A message may contain the model's name after its inputs. The number of the model's inputs is then checked later.
    /// </summary>
    public const int MaxTensors = 1024;

    /// <summary>Whether the tensors belong to a response.</summary>
    public bool IsForResponse => request is null;

    /// <summary>Throws when the model has no such input, the name is repeated, or the request has too many inputs.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public void Check(string name, string path)
    {
        if (signature is not null && signature.IndexOfInput(name) < 0)
            throw signature.UnknownInput(name, path);
        if (request?.Inputs.Count >= MaxTensors)
            throw InferenceException.InvalidRequest($"The request has more than {MaxTensors} inputs.");
        request?.ThrowIfRepeated(name, path);
    }
}
