using System.Globalization;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Protocols.OpenInference;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote.OpenInference;

/// <summary>Reads the answer to an infer call: JSON, and behind it the outputs that the JSON declares as binary data.</summary>
internal sealed class InferAnswer : IDisposable
{
    private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);

    private InferAnswer()
    {
    }

    /// <returns>Tensors of their own, in the order asked for.</returns>
    /// <exception cref="PeerException">It is not what was asked for.</exception>
    public static Tensor[] Read(ReadOnlyMemory<byte> json, Memory<byte> tensors, ModelSignature signature, IReadOnlyList<int> outputs)
    {
        try
        {
            using var answer = JsonText.ReadObject<InferAnswer, Memory<byte>>(json, tensors, Read);
            return answer.Take(signature, outputs);
        }
        catch (InferenceException e)
        {
            throw PeerException.Garbage(e.Message, e);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _outputs.Values)
            tensor.Dispose();
    }

    private static InferAnswer Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Memory<byte> tensors)
    {
        var answer = new InferAnswer();
        try
        {
            var seen = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!reader.ValueTextEquals("outputs"))
                {
                    reader.Skip();
                    continue;
                }

                JsonText.ReadOnce(ref reader, ref seen, "outputs");
                answer.ReadOutputs(ref reader, json, tensors);
            }

            return seen ? answer : throw InferenceException.InvalidRequest("\"outputs\" is missing.");
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private void ReadOutputs(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Memory<byte> tensors)
    {
        JsonText.Expect(ref reader, JsonTokenType.StartArray, "outputs", "an array");
        var binary = new BinaryInputs(tensors);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // An output is written as an input is.
            var output = InputReader.Read(ref reader, json, binary, string.Create(CultureInfo.InvariantCulture, $"outputs[{_outputs.Count}]"));
            if (_outputs.TryAdd(output.Name, output.Tensor))
                continue;
            output.Tensor.Dispose();
            throw InferenceException.InvalidRequest($"output \"{PeerText.OneLine(output.Name)}\" is given twice.");
        }

        binary.CheckAllTaken();
    }

    private Tensor[] Take(ModelSignature signature, IReadOnlyList<int> outputs)
    {
        var taken = new Tensor[outputs.Count];
        try
        {
            for (var i = 0; i < taken.Length; i++)
            {
                var spec = signature.Outputs[outputs[i]];
                if (!_outputs.TryGetValue(spec.Name, out var tensor))
                    throw PeerException.Garbage($"output \"{spec.Name}\" is not in it.");
                if (tensor.Type != spec.Type)
                    throw PeerException.Garbage($"output \"{spec.Name}\" is {tensor.Type.Name()}, but the model's is {spec.Type.Name()}.");
                taken[i] = Copy(tensor);
            }

            return taken;
        }
        catch
        {
            foreach (var tensor in taken)
                tensor?.Dispose();
            throw;
        }
    }

    /// <summary>The answer's memory goes back to the pool.</summary>
    private static Tensor Copy(Tensor view)
    {
        if (view.Type != ElementType.Bytes)
        {
            var copy = Tensor.Rent(view.Type, view.Shape);
            view.Data.CopyTo(copy.Data);
            return copy;
        }

        using var builder = new TensorBuilder(ElementType.Bytes, view.Data.Length);
        foreach (var element in new PackedBytes(view.Data.Span))
            builder.AppendBytes(element);
        return builder.Build(view.Shape);
    }
}
