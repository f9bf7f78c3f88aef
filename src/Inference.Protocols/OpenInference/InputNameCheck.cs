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
    /// The maximum number of inputs, outputs or raw contents of a request. No model has so many tensors. The limit exists because even a
    /// short entry takes memory. The reader of a gRPC message does not know the model, so it checks only this limit.
    /// </summary>
    public const int MaxTensors = 1024;

    /// <summary>Whether the tensors belong to a response.</summary>
    public bool IsForResponse => request is null;

    /// <summary>Throws when the model has no such input, the name is repeated, or the request has too many inputs.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the input is not allowed.</exception>
    public void ThrowIfInvalid(string name, string path)
    {
        if (signature is not null && signature.IndexOfInput(name) < 0)
            throw signature.CreateUnknownInputError(name, path);
        if (request?.Inputs.Count >= MaxTensors)
            throw InferenceException.InvalidRequest($"The request has more than {MaxTensors} inputs.");
        request?.ThrowIfRepeated(name, path);
    }
}
