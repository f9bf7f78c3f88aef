using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Inference.Models.Settings.Remote;
using Inference.Protocols;
using Inference.Protocols.Json;
using Inference.Tensors;

namespace Inference.Remote.Json;

/// <summary>
/// A request with gaps for its tensors. The template is split at the gaps when it is created. A request consists of the resulting segments,
/// with a tensor in each gap.
/// </summary>
internal sealed class RequestTemplate
{
    /// <summary>The text before, between and after the gaps.</summary>
    private readonly ImmutableArray<byte[]> _segments;
    /// <summary>The index of the input for each gap, in the order of the gaps.</summary>
    private readonly ImmutableArray<int> _gapInputs;

    private RequestTemplate(ImmutableArray<byte[]> segments, ImmutableArray<int> gapInputs) =>
        (_segments, _gapInputs) = (segments, gapInputs);

    /// <exception cref="FormatException">
    /// The pointer of an input leads through a missing array item or a plain value, or overlaps the pointer of another input.
    /// </exception>
    public static RequestTemplate Create(JsonServiceSettings settings)
    {
        // The array around the request allows an input to replace the whole request.
        JsonNode root = new JsonArray(JsonNode.Parse(settings.Request));
        // The mark stands for a gap. The mark is random, so the request in the settings does not contain it.
        var mark = Guid.NewGuid().ToString("N");
        for (var i = 0; i < settings.Inputs.Length; i++)
            InsertPlaceholder(root, settings.Inputs[i], string.Create(CultureInfo.InvariantCulture, $"{mark}{i}"), mark);

        var parts = root[0]!.ToJsonString().Split('"' + mark);
        var segments = parts.Select((part, index) =>
            Encoding.UTF8.GetBytes(index == 0 ? part : part[(part.IndexOf('"', StringComparison.Ordinal) + 1)..]));
        var gapInputs = parts.Skip(1)
            .Select(part =>
                int.Parse(part.AsSpan(0, part.IndexOf('"', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture));
        return new RequestTemplate([.. segments], [.. gapInputs]);
    }

    /// <summary>Writes a request with these inputs. <paramref name="getName"/> returns the name of an input by its index.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: JSON cannot represent an input.</exception>
    public void Write(PooledBuffer output, IReadOnlyList<Tensor> inputs, Func<int, string> getName)
    {
        Write(output, _segments[0]);
        for (var i = 0; i < _gapInputs.Length; i++)
        {
            var writer = JsonText.GetWriter(output);
            JsonTensorWriter.WriteNested(writer, new NamedTensor(getName(_gapInputs[i]), inputs[_gapInputs[i]]));
            writer.Flush();
            Write(output, _segments[i + 1]);
        }
    }

    private static void Write(PooledBuffer output, byte[] bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }

    private static void InsertPlaceholder(JsonNode root, JsonTensor input, string placeholder, string mark)
    {
        var (node, step) = (root, "0");
        foreach (var next in JsonPointer.Parse(input.At).Steps)
        {
            if (Find(node, step, input) is not { } child)
                Set(node, step, child = new JsonObject(), input);
            if (IsMark(child, mark))
                throw CreatePointerError(input, "it overlaps the position of another input");
            (node, step) = (child, next);
        }

        var existing = Find(node, step, input);
        if (existing is not null && (IsMark(existing, mark) || existing.ToJsonString().Contains(mark, StringComparison.Ordinal)))
            throw CreatePointerError(input, "it overlaps the position of another input");
        Set(node, step, JsonValue.Create(placeholder), input);
    }

    private static JsonNode? Find(JsonNode node, string step, JsonTensor input) => node switch
    {
        JsonObject item => item[step],
        JsonArray items when JsonPointer.ToIndex(step) is >= 0 and var index && index < items.Count => items[index],
        JsonArray => throw CreatePointerError(input, $"the array in the request has no item {step}"),
        _ => throw CreatePointerError(input, "it leads through a value that is neither an object nor an array"),
    };

    private static void Set(JsonNode node, string step, JsonNode value, JsonTensor input)
    {
        if (node is JsonObject item)
            item[step] = value;
        else if (node is JsonArray items)
            items[JsonPointer.ToIndex(step)] = value;
        else
            throw CreatePointerError(input, "it leads through a value that is neither an object nor an array");
    }

    private static bool IsMark(JsonNode node, string mark) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.StartsWith(mark, StringComparison.Ordinal);

    private static FormatException CreatePointerError(JsonTensor input, string reason) =>
        new($"$.remote.json.inputs: \"at\" of input \"{input.Name}\" ({input.At}) cannot be used: {reason}.");
}
