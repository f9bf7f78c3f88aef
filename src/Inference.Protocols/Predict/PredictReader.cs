using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Predict;

/// <summary>
/// Reads <c>{"features": ...}</c> for a model with one input, or <c>{"inputs": {"a": ..., "b": ...}}</c> for any model. A value is one item
/// or an array of items. An item is a nested array with one level per dimension, without the batch dimension, or a flat array in row-major
/// order. A model with a tokenizer accepts <c>{"text": ...}</c>, one text or an array. Texts in <c>"inputs"</c> get a response in the
/// format of Hugging Face's inference. For a model that accepts images, an item may be an image in base64.
/// </summary>
public static class PredictReader
{
    private const string Features = "features";
    private const string Inputs = "inputs";
    private const string Text = TaskTexts.Text;
    private const string Parameters = PredictParametersReader.Parameters;
    private const string Form = $$$"""the body is {"{{{Features}}}": [...]} or {"{{{Inputs}}}": {"<name>": [...], ...}}""";

    private const string FormOfTexts = $$$"""
        the body is {"{{{Text}}}": "..."} or {"{{{Inputs}}}": "...", "{{{Parameters}}}": {...}}
        """;

    /// <summary>
    /// Reads a body, creates the request for a model, and fills <see cref="PredictBody.Format"/>. The caller disposes the request.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body does not fit the model.</exception>
    public static PredictionRequest Read(PredictBody body, Model model) =>
        JsonText.ReadRequest(body.Json, (model, body), Read);

    private static void Read(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, (Model Model, PredictBody Body) call, PredictionRequest request)
    {
        request.ResponseItems = ResponseItems.Separate;
        var (hasFeatures, hasInputs, hasText, hasParameters) = (false, false, false, false);
        TaskTexts? texts = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("features"u8))
            {
                if (!JsonText.TryReadOnce(ref reader, ref hasFeatures, Features))
                    continue;
                ThrowIfCombined(hasFeatures, hasInputs, hasText, call.Model);
                request.Inputs.Add(ReadInput(ref reader, json, GetOnlyInput(call.Model.Signature), call.Model, Features));
            }
            else if (reader.ValueTextEquals("inputs"u8))
            {
                if (!JsonText.TryReadOnce(ref reader, ref hasInputs, Inputs))
                    continue;
                ThrowIfCombined(hasFeatures, hasInputs, hasText, call.Model);
                texts = ReadInputs(ref reader, json, call, request);
            }
            else if (reader.ValueTextEquals("text"u8))
            {
                if (!JsonText.TryReadOnce(ref reader, ref hasText, Text))
                    continue;
                ThrowIfCombined(hasFeatures, hasInputs, hasText, call.Model);
                texts = TaskTexts.Read(ref reader, call.Body.Json, Text);
            }
            else
            {
                ReadOther(ref reader, call.Model, call.Body, ref hasParameters);
            }
        }

        if (!hasFeatures && !hasInputs && !hasText)
            throw CreateMissingInputsError(call.Model);
        Complete(request, texts, call.Model, call.Body.Format);
    }

    /// <summary>Reads a member that is not an input.</summary>
    private static void ReadOther(ref Utf8JsonReader reader, Model model, PredictBody body, ref bool hasParameters)
    {
        if (reader.ValueTextEquals("parameters"u8))
        {
            if (JsonText.TryReadOnce(ref reader, ref hasParameters, Parameters))
                PredictParametersReader.Read(ref reader, model, body.Format);
        }
        else if (model.Text is not null && reader.ValueTextEquals("options"u8))
        {
            // Hugging Face's clients send options that only concern caching and waiting in Hugging Face's own service.
            reader.Skip();
        }
        else
        {
            throw CreateUnknownMemberError(JsonText.ReadString(ref reader, "A name"), model);
        }
    }

    private static InferenceException CreateUnknownMemberError(string name, Model model) => InferenceException.InvalidRequest(
        PredictParametersReader.GetKeys(model).Contains(name)
            ? $"\"{name}\" is a parameter; send {{\"{(model.Text is null ? Features : Text)}\": ..., "
                + $"\"{Parameters}\": {{\"{name}\": ...}}}}."
            : model.Text is not null && name == TaskTexts.TextPair
            ? $"\"{name}\" is part of a pair; send {{\"{Text}\": {{\"{Text}\": \"...\", \"{TaskTexts.TextPair}\": \"...\"}}}}."
            : $"\"{Quote.Shorten(name)}\" is unknown; {FormOf(model)}.");

    private static InferenceException CreateMissingInputsError(Model model) =>
        InferenceException.InvalidRequest(model.Signature.Inputs.IsEmpty
        ? $"The model has no inputs, and \"{Inputs}\" is missing; send {{\"{Inputs}\":{{}}}}."
        : $"\"{(model.Text is null ? Features : Text)}\" is missing; {FormOf(model)}.");

    private static string FormOf(Model model) => model.Text is null ? Form : FormOfTexts;

    /// <summary>
    /// Throws if a body has the inputs in two forms. Call this method before the value of a member is read, so that the value of a second
    /// form takes no memory.
    /// </summary>
    private static void ThrowIfCombined(bool hasFeatures, bool hasInputs, bool hasText, Model model)
    {
        if ((hasFeatures && hasInputs) || (hasFeatures && hasText) || (hasInputs && hasText))
            throw InferenceException.InvalidRequest($"\"{Features}\", \"{Inputs}\" and \"{Text}\" cannot be combined; {FormOf(model)}.");
    }

    private static TensorSpec GetOnlyInput(ModelSignature signature) => signature.Inputs switch
    {
        [var input] => input,
        [] => throw InferenceException.InvalidRequest($$$"""
            "{{{Features}}}" is for a model with one input; this model has no inputs. Send {"{{{Inputs}}}": {}}.
            """),
        [var first, ..] => throw InferenceException.InvalidRequest(
            $"\"{Features}\" is for a model with one input; this model has {signature.Inputs.Length}: {SignatureText.Inputs(signature)}. "
            + $"Name them: {{\"{Inputs}\": {{\"{first.Name}\": [...], ...}}}}."),
    };

    /// <summary>Adds the inputs that are made from texts. If there are no texts, throws for parameters that only apply to texts.</summary>
    private static void Complete(PredictionRequest request, TaskTexts? texts, Model model, ResponseFormat format)
    {
        if (texts is not null)
        {
            request.ResponseItems = ResponseItems.UniformShape;
            texts.AddTo(request, model, format);
        }
        else if (format.Parameters.Names.FirstOrDefault(name => PredictParametersReader.IsForTexts(name, model.Task)) is { } unused)
        {
            throw InferenceException.InvalidRequest($"{Parameters}.{unused} is for texts; send them in \"{Inputs}\" or \"{Text}\".");
        }
    }

    /// <returns>The texts; null when the request has tensors or images, which are added to its inputs.</returns>
    private static TaskTexts? ReadInputs(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, (Model Model, PredictBody Body) call, PredictionRequest request)
    {
        var (model, signature) = (call.Model, call.Model.Signature);
        if (IsHuggingFace(reader, model))
        {
            call.Body.Format.IsHuggingFace = true;
            if (model.Text is not null)
                return TaskTexts.Read(ref reader, call.Body.Json, Inputs);
            call.Body.Format.HasSingleImage = reader.TokenType == JsonTokenType.String;
            request.Inputs.Add(ImageElements.Read(ref reader, json, GetOnlyInput(signature).Name, Inputs));
            return null;
        }

        if (reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray && !model.Warnings.IsEmpty)
            throw TextTokenizer.CreateNotTextModelError(model);
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            throw InferenceException.InvalidRequest(
                $"\"{Inputs}\" is an array, which only the Open Inference call /v2/models/<model>/infer accepts. Here, {Form}.");
        }

        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, Inputs, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.ReadString(ref reader, "A name");
            var index = signature.IndexOfInput(name);
            if (index < 0)
                throw signature.CreateUnknownInputError(name, Inputs);
            request.ThrowIfRepeated(name, Inputs);
            reader.Read();
            request.Inputs.Add(ReadInput(ref reader, json, signature.Inputs[index], model, $"{Inputs}.{name}"));
        }

        return null;
    }

    /// <summary>Whether the inputs are a text, a pair of texts, an image or an array of these, as in Hugging Face's inference.</summary>
    private static bool IsHuggingFace(in Utf8JsonReader reader, Model model) =>
        model.Text is not null ? reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray || TaskTexts.IsPairAt(reader)
        : model is { Image: not null, Task: ModelTask.ImageClassification } && reader.TokenType != JsonTokenType.StartObject
            && ImageElements.IsAtImage(reader);

    private static RequestInput ReadInput(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, TensorSpec input, Model model, string path)
    {
        if (model.Image is not null && ImageElements.IsAtImage(reader))
            return ImageElements.Read(ref reader, json, input.Name, path);
        using var builder = new TensorBuilder(input.Type);
        var nesting = JsonTensorReader.Read(ref reader, json, builder, path);
        return new RequestInput(input.Name, builder.Build(ToShape(nesting, input, model.Signature.ItemAxis)), path);
    }

    /// <summary>
    /// Returns the shape that the nesting of arrays represents. A nesting that does not fit the input is returned unchanged, so that the
    /// check against the signature refuses it.
    /// </summary>
    private static Shape ToShape(Shape nesting, TensorSpec input, ItemAxis itemAxis)
    {
        if (input.AcceptsAnyShape)
            return nesting;
        var spec = input.Shape;
        // An empty array means no items; one item without elements is [[]].
        if (itemAxis != ItemAxis.None && nesting.Rank == 1 && nesting[0] == 0)
            return new Shape([0, .. spec.Dimensions[1..].ToArray().Select(size => Math.Max(0, size))]);
        // The nesting is a column of a data frame, or one value of a column. The check of the request reshapes both to a column.
        if (input.IsColumn && nesting.Rank <= 1)
            return nesting;
        if (EmptyNesting.TryComplete(nesting, spec.Dimensions, out var complete))
            return complete;
        if (itemAxis == ItemAxis.None)
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
