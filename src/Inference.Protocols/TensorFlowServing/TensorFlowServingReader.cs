using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.TensorFlowServing;

/// <summary>
/// Reads the body of a predict call of TensorFlow Serving's REST API (https://www.tensorflow.org/tfx/serving/api_rest). The body has
/// <c>instances</c>, with one entry per row, or <c>inputs</c>, with one tensor per name. Names may be missing for a model with one input.
/// As in TensorFlow Serving, unknown keys are ignored, and a tensor is a nested array with one level per dimension.
/// </summary>
public static class TensorFlowServingReader
{
    /// <summary>TensorFlow Serving's name of the default signature. The models of this server have only this signature.</summary>
    internal const string Signature = "serving_default";

    private const string Instances = "instances";
    private const string Inputs = "inputs";

    /// <summary>Reads a body and creates the request for a model. The caller disposes the request.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body does not fit the model.</exception>
    public static PredictionRequest Read(TensorFlowServingBody body, Model model) =>
        JsonText.ReadRequest(body.Json, (model, body.Layout), Read);

    private static void Read(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, (Model Model, TensorFlowResponseLayout Layout) call, PredictionRequest request)
    {
        var (hasSignature, hasInstances, hasInputs) = (false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("signature_name"))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasSignature, "signature_name"))
                    ThrowIfOtherSignature(JsonText.ReadString(ref reader, "signature_name"));
            }
            else if (reader.ValueTextEquals(Instances))
            {
                if (!JsonText.TryReadOnce(ref reader, ref hasInstances, Instances))
                    continue;
                ThrowIfBoth(hasInstances, hasInputs);
                ReadInstances(ref reader, json, call.Model, request);
            }
            else if (reader.ValueTextEquals(Inputs))
            {
                if (!JsonText.TryReadOnce(ref reader, ref hasInputs, Inputs))
                    continue;
                ThrowIfBoth(hasInstances, hasInputs);
                ReadInputs(ref reader, json, call.Model, request);
            }
            else
            {
                reader.Skip();
            }
        }

        if (!hasInstances && !hasInputs)
            throw InferenceException.InvalidRequest($"The body has neither \"{Instances}\" nor \"{Inputs}\"; exactly one is expected.");
        call.Layout.HasRows = hasInstances;
        request.ResponseItems = hasInstances ? ResponseItems.Separate : ResponseItems.OneTensor;
    }

    /// <summary>
    /// Throws if the body has both forms. Call this method before the value of a member is read, so that the value of a second form takes
    /// no memory.
    /// </summary>
    private static void ThrowIfBoth(bool hasInstances, bool hasInputs)
    {
        if (hasInstances && hasInputs)
            throw InferenceException.InvalidRequest($"The body has both \"{Instances}\" and \"{Inputs}\"; exactly one is expected.");
    }

    private static void ThrowIfOtherSignature(string name)
    {
        if (name.Length > 0 && name != Signature)
        {
            throw InferenceException.InvalidRequest(
                $"signature_name is \"{Quote.Shorten(name)}\"; the model has one signature, \"{Signature}\".");
        }
    }

    private static void ReadInstances(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Model model, PredictionRequest request)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, Instances, "an array");
        var firstItem = reader;
        firstItem.Read();
        if (firstItem.TokenType == JsonTokenType.EndArray)
            throw InferenceException.InvalidRequest($"\"{Instances}\" is empty.");
        if (IsNamed(firstItem))
            InstanceRows.Read(ref reader, json, model, request);
        else
            request.Inputs.Add(ReadTensor(ref reader, json, GetOnlyInput(model.Signature, Instances), model, Instances));
    }

    private static void ReadInputs(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Model model, PredictionRequest request)
    {
        var signature = model.Signature;
        if (!IsNamed(reader))
        {
            request.Inputs.Add(ReadTensor(ref reader, json, GetOnlyInput(signature, Inputs), model, Inputs));
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.ReadString(ref reader, "A name");
            var index = IndexOf(signature, name, Inputs);
            request.ThrowIfRepeated(name, Inputs);
            reader.Read();
            request.Inputs.Add(ReadTensor(ref reader, json, signature.Inputs[index], model, $"{Inputs}.{name}"));
        }
    }

    private static RequestInput ReadTensor(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, TensorSpec input, Model model, string path)
    {
        if (model.Image is not null && ImageElements.IsAtImage(reader))
            return ImageElements.Read(ref reader, json, input.Name, path);
        using var builder = new TensorBuilder(input.Type);
        var shape = JsonTensorReader.Read(ref reader, json, builder, path, dialect: JsonDialect.TensorFlow);
        EmptyNesting.TryComplete(shape, input.Shape.Dimensions, out shape);
        return new RequestInput(input.Name, builder.Build(shape), path);
    }

    /// <summary>Whether the value is an object of inputs by name. The object <c>{"b64":"..."}</c> is one byte string instead.</summary>
    private static bool IsNamed(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return false;
        reader.Read();
        return reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(JsonTensorReader.Base64Name);
    }

    private static TensorSpec GetOnlyInput(ModelSignature signature, string path) => signature.Inputs switch
    {
        [var input] => input,
        [] => throw InferenceException.InvalidRequest($$$"""
            "{{{path}}}" without names is for a model with one input; this model has no inputs. Send {"{{{Inputs}}}": {}}.
            """),
        _ => throw InferenceException.InvalidRequest(
            $"\"{path}\" without names is for a model with one input; this model "
            + $"has {signature.Inputs.Length}: {SignatureText.Inputs(signature)}."),
    };

    internal static int IndexOf(ModelSignature signature, string name, string path) => signature.IndexOfInput(name) is var index and >= 0
        ? index
        : throw signature.CreateUnknownInputError(name, path);
}
