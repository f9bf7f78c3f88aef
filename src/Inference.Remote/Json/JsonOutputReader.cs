using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote.Json;

/// <summary>Reads one tensor from a JSON response.</summary>
internal static class JsonOutputReader
{
    /// <exception cref="PeerException">The tensor is missing, or does not match the signature.</exception>
    public static Tensor Read(ReadOnlySpan<byte> body, JsonPointer pointer, TensorSpec spec, JsonDialect dialect)
    {
        using var builder = new TensorBuilder(spec.Type);
        body = ByteOrderMark.Skip(body);
        try
        {
            var reader = new Utf8JsonReader(body, JsonText.ReaderOptions);
            if (!pointer.TryMoveTo(ref reader))
                throw PeerException.CreateMalformedError($"{pointer.Describe()}, the position of output \"{spec.Name}\", does not exist.");
            var nesting = JsonTensorReader.Read(ref reader, body, builder, pointer.Describe(), dialect: dialect);
            // The rest of the body is read, too, to detect a truncated body.
            while (reader.Read())
            {
            }

            return builder.Build(ToShape(nesting, builder.Count, spec, pointer));
        }
        catch (Exception e) when (e is JsonException or InferenceException)
        {
            throw PeerException.CreateMalformedError(PeerText.ToOneLine(ProblemText.Describe(e)), e);
        }
    }

    /// <summary>
    /// Returns the shape of the nesting. A flat array can also represent a shape with at most one dynamic dimension. For example, six
    /// numbers represent <c>[2, 3]</c> if the output has the shape <c>[-1, 3]</c>.
    /// </summary>
    private static Shape ToShape(Shape nesting, long count, TensorSpec spec, JsonPointer pointer)
    {
        if (nesting.Rank == spec.Shape.Rank)
            return nesting;
        var dimensions = spec.Shape.Dimensions.ToArray();
        var dynamicAxis = Array.IndexOf(dimensions, Shape.Dynamic);
        if (dynamicAxis >= 0)
            dimensions[dynamicAxis] = 1;
        var fits = nesting.Rank == 1 && Shape.TryCount(dimensions, out var elements)
            && (dynamicAxis >= 0 ? elements > 0 && count % elements == 0 : count == elements);
        if (!fits)
        {
            throw PeerException.CreateMalformedError(
                $"{pointer.Describe()} is nested as {nesting}, but output \"{spec.Name}\" is {spec.Shape}.");
        }

        if (dynamicAxis >= 0)
            dimensions[dynamicAxis] = count / new Shape(dimensions).ElementCount;
        return new Shape(dimensions);
    }
}
