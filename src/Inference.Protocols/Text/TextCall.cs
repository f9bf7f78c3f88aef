using System.Buffers;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;

namespace Inference.Protocols.Text;

/// <summary>A call with texts. It creates the request from the body, and writes the response in the format of its protocol.</summary>
public abstract class TextCall
{
    private protected TextCall(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The model that the body names; null when the address names it.</summary>
    public string? Model { get; private protected set; }

    /// <summary>The body. It does not change until the response is written.</summary>
    private protected ReadOnlyMemory<byte> Json { get; }

    internal abstract TextBatch Texts { get; }

    /// <summary>The name of the call's result, for messages.</summary>
    private protected abstract string ResultName { get; }

    /// <summary>Creates the request for a model. The caller disposes the request.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model does not support the call, or refuses the texts.
    /// <see cref="InferenceError.ModelUnavailable"/>: the model's tokenizer does not load.
    /// </exception>
    public virtual PredictionRequest ToRequest(Model model)
    {
        if (model.Task is { } task && !IsSupportedBy(task, model))
        {
            throw InferenceException.InvalidRequest(
                $"Model {model.Id.Name} returns no {ResultName}: its task is {ModelTaskNames.GetName(task)}.", ErrorReason.WrongTask);
        }

        var request = new PredictionRequest();
        try
        {
            Texts.AddTo(request, model);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>Writes the response to the call.</summary>
    /// <exception cref="InferenceException">The outputs of the model do not fit the call.</exception>
    public abstract void Write(IBufferWriter<byte> output, Prediction prediction);

    /// <summary>Whether models with this task support the call.</summary>
    private protected abstract bool IsSupportedBy(ModelTask task, Model model);
}
