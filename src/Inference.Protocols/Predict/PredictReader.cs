using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Predict;

/// <summary>
/// Reads <c>{"features": ...}</c> for a model with one input, or <c>{"inputs": {"a": ..., "b": ...}}</c> for any. A value is one item or an
/// array of items; an item is nested like the input's shape without its batch dimension, or flat in row-major order. A model that declares
/// a tokenizer takes <c>{"text": ...}</c>, one text or an array. For a model that takes images, an item may be an image in base64.
/// </summary>
public static class PredictReader
{
    private const string Features = "features";
    private const string Inputs = "inputs";
    private const string Text = "text";
    private const string Parameters = "parameters";
    private const string Form = $$$"""the body is {"{{{Features}}}": [...]} or {"{{{Inputs}}}": {"<name>": [...], ...}}""";

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public static PredictionRequest Read(PredictBody body, Model model) =>
        JsonText.ReadTensors<PredictionRequest, (Model, PredictBody)>(body.Json, (model, body), Read);

    private static PredictionRequest Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, (Model Model, PredictBody Body) call)
    {
        var request = new PredictionRequest { AnswerItems = AnswerItems.Separate };
        try
        {
            var (features, inputs, text, parameters) = (false, false, false, false);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("features"u8))
                {
                    if (!JsonText.TryReadOnce(ref reader, ref features, Features))
                        continue;
                    ThrowIfSeveral(features, inputs, text);
                    request.Inputs.Add(ReadInput(ref reader, json, OnlyInput(call.Model.Signature), call.Model, Features));
                }
                else if (reader.ValueTextEquals("inputs"u8))
                {
                    if (!JsonText.TryReadOnce(ref reader, ref inputs, Inputs))
                        continue;
                    ThrowIfSeveral(features, inputs, text);
                    ReadInputs(ref reader, json, call.Model, request);
                }
                else if (reader.ValueTextEquals("text"u8))
                {
                    if (!JsonText.TryReadOnce(ref reader, ref text, Text))
                        continue;
                    ThrowIfSeveral(features, inputs, text);
                    request.AnswerItems = AnswerItems.Alike;
                    ReadTexts(ref reader, call.Model, call.Body, request);
                }
                else if (reader.ValueTextEquals("parameters"u8))
                {
                    if (JsonText.TryReadOnce(ref reader, ref parameters, Parameters))
                        ReadParameters(ref reader, call.Body.Answer);
                }
                else
                {
                    throw InferenceException.InvalidRequest(
                        $"\"{Quote.Of(JsonText.ReadString(ref reader, "A name"))}\" is not known here; {Form}.");
                }
            }

            return features || inputs || text ? request : throw Missing(call.Model.Signature);
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static InferenceException Missing(ModelSignature signature) => InferenceException.InvalidRequest(signature.Inputs.IsEmpty
        ? $"The model takes no inputs, and \"{Inputs}\" is missing; send {{\"{Inputs}\":{{}}}}."
        : $"\"{Features}\" is missing; {Form}.");

    /// <summary>Refuses a second form of the same inputs at its name, before it takes memory.</summary>
    private static void ThrowIfSeveral(bool features, bool inputs, bool text)
    {
        if ((features && inputs) || (features && text) || (inputs && text))
            throw InferenceException.InvalidRequest($"\"{Features}\", \"{Inputs}\" and \"{Text}\" exclude each other; {Form}.");
    }

    private static TensorSpec OnlyInput(ModelSignature signature) => signature.Inputs switch
    {
        [var input] => input,
        [] => throw InferenceException.InvalidRequest($$$"""
            "{{{Features}}}" feeds a model with one input; this one takes no inputs. Send {"{{{Inputs}}}": {}}.
            """),
        [var first, ..] => throw InferenceException.InvalidRequest(
            $"\"{Features}\" feeds a model with one input; this one has {signature.Inputs.Length}: {SignatureText.Inputs(signature)}. "
            + $"Name them: {{\"{Inputs}\": {{\"{first.Name}\": [...], ...}}}}."),
    };

    private static void ReadInputs(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Model model, PredictionRequest request)
    {
        var signature = model.Signature;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            throw InferenceException.InvalidRequest(
                $"\"{Inputs}\" is an array, as the Open Inference call /v2/models/<model>/infer takes it; here {Form}.");
        }

        JsonText.Expect(ref reader, JsonTokenType.StartObject, Inputs, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.ReadString(ref reader, "A name");
            var index = signature.IndexOfInput(name);
            if (index < 0)
                throw signature.RefuseInput(name, Inputs);
            request.ThrowIfGiven(name, Inputs);
            reader.Read();
            request.Inputs.Add(ReadInput(ref reader, json, signature.Inputs[index], model, $"{Inputs}.{name}"));
        }
    }

    private static void ReadTexts(ref Utf8JsonReader reader, Model model, PredictBody body, PredictionRequest request)
    {
        var texts = new TextBatch(Text) { IsSingle = reader.TokenType != JsonTokenType.StartArray };
        if (texts.IsSingle)
            texts.AddText(ref reader, body.Json);
        while (!texts.IsSingle && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            texts.AddText(ref reader, body.Json);
        texts.AddTo(request, model);
        body.Answer.Texts = texts;
    }

    private static RequestInput ReadInput(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, TensorSpec input, Model model, string path)
    {
        if (model.Image is not null && ImageElements.AreAt(reader))
            return ImageElements.Read(ref reader, json, input.Name, path);
        using var builder = new TensorBuilder(input.Type);
        var nesting = JsonTensorReader.Read(ref reader, json, builder, path);
        return new RequestInput(input.Name, builder.Build(ToShape(nesting, input, model.Signature.ItemAxis)), path);
    }

    private static void ReadParameters(ref Utf8JsonReader reader, AnswerForm answer)
    {
        JsonText.Expect(ref reader, JsonTokenType.StartObject, Parameters, "an object");
        var topK = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("top_k"u8))
            {
                throw InferenceException.InvalidRequest(
                    $"{Parameters}: \"{Quote.Of(JsonText.ReadString(ref reader, "A name"))}\" is not known here; there is \"top_k\".");
            }

            if (!JsonText.TryReadOnce(ref reader, ref topK, $"{Parameters}.top_k"))
                continue;
            if (!JsonText.TryReadInteger(ref reader, out var count) || count is < 0 or > AnswerForm.MaxTopK)
                throw InferenceException.InvalidRequest($"{Parameters}.top_k is not a whole number from 0 to {AnswerForm.MaxTopK}.");
            answer.TopK = (int)count;
        }
    }

    /// <summary>
    /// The shape meant by a nesting; one that fits nothing stays as it is, for the check against the signature to refuse.
    /// </summary>
    private static Shape ToShape(Shape nesting, TensorSpec input, ItemAxis batch)
    {
        if (input.AnyShape)
            return nesting;
        var spec = input.Shape;
        // No items, and not one without elements, which is [[]].
        if (batch != ItemAxis.None && nesting.Rank == 1 && nesting[0] == 0)
            return new Shape([0, .. spec.Dimensions[1..].ToArray().Select(size => Math.Max(0, size))]);
        // A column of a data frame, or a value of it, which the check of the request makes a column.
        if (input.IsColumn && nesting.Rank <= 1)
            return nesting;
        if (EmptyNesting.TryComplete(nesting, spec.Dimensions, out var complete))
            return complete;
        if (batch == ItemAxis.None)
            return nesting.Rank == 1 && spec.TryCount(out var elements) && elements == nesting[0] ? spec : nesting;

        var item = spec.Dimensions[1..];
        if (EmptyNesting.TryComplete(nesting, item, out complete))
            return new Shape([1, .. complete.Dimensions]);
        if (item.Length > 1 && Shape.TryCount(item, out var itemElements))
        {
            if (nesting.Rank == 1 && nesting[0] == itemElements)
                return spec.WithFirst(1);
            if (nesting.Rank == 2 && nesting[1] == itemElements)
                return spec.WithFirst(nesting[0]);
        }

        return nesting.Rank == item.Length ? new Shape([1, .. nesting.Dimensions]) : nesting;
    }
}
