using Inference.Models;
using Inference.Requests;

namespace Inference.Protocols.OpenInference;

/// <summary>Checks the name of an input before its data takes memory: one request has no more tensors than its model has inputs.</summary>
/// <param name="request">The inputs so far. Null in a response, whose reader checks the names itself.</param>
/// <param name="signature">Null where the model is not known: then a name is only refused when it was given before.</param>
internal readonly struct InputNames(PredictionRequest? request, ModelSignature? signature)
{
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public void Check(string name, string path)
    {
        if (signature is not null && signature.IndexOfInput(name) < 0)
        {
            throw InferenceException.InvalidRequest(
                $"{path}: the model has no input \"{Quote.Of(name)}\"; its inputs are {SignatureText.Inputs(signature)}.");
        }

        request?.ThrowIfGiven(name, path);
    }
}
