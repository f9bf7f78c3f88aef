using Inference.Models;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// Reads a raw request. The request has no JSON: the whole body is the model's one input, whose shape follows from the length of the body.
/// As in Triton, one dimension may be unknown. If the batch dimension is also unknown, its size is 1. A BYTES input is one element without
/// a length prefix.
/// </summary>
internal static class RawInput
{
    private const string Path = "The body";

    public static PredictionRequest Read(Memory<byte> body, ModelSignature signature)
    {
        if (signature.Inputs is not [var spec])
        {
            throw InferenceException.InvalidRequest(
                $"Without JSON, the body is the model's only input, but this model has {signature.Inputs.Length} inputs. Send JSON.");
        }

        if (spec.AcceptsAnyShape)
        {
            throw InferenceException.InvalidRequest(
                $"Without JSON, the length of the body determines one dimension, but input \"{spec.Name}\" accepts any shape. "
                + "Send its shape as JSON.");
        }

        var data = new BinaryInputs(body);
        var tensor = spec.Type == ElementType.Bytes
            ? data.ReadElement(ToElementShape(spec))
            : data.ReadTensor(spec.Type, ResolveShape(spec, signature.ItemAxis, body.Length), body.Length, Path);
        return new PredictionRequest { ResponseItems = ResponseItems.OneTensor, Inputs = { new RequestInput(spec.Name, tensor, Path) } };
    }

    private static Shape ToElementShape(TensorSpec spec)
    {
        Span<long> dimensions = stackalloc long[spec.Shape.Rank];
        for (var axis = 0; axis < dimensions.Length; axis++)
        {
            dimensions[axis] = spec.Shape[axis] is 1 or Shape.Dynamic
                ? 1
                : throw InferenceException.InvalidRequest(
                    $"Without JSON, the body is one element, but input \"{spec.Name}\" has shape {spec.Shape}. Send its shape as JSON.");
        }

        return new Shape(dimensions);
    }

    private static Shape ResolveShape(TensorSpec spec, ItemAxis itemAxis, int byteCount)
    {
        var dimensions = spec.Shape.Dimensions.ToArray();
        var unknown = Array.IndexOf(dimensions, Shape.Dynamic);
        if (unknown == 0 && itemAxis == ItemAxis.Dynamic && Array.IndexOf(dimensions, Shape.Dynamic, 1) is var second and > 0)
            (dimensions[0], unknown) = (1, second);
        if (unknown < 0)
            return spec.Shape;
        dimensions[unknown] = 1;
        var rest = new Shape(dimensions);
        if (rest.Dimensions.Contains(Shape.Dynamic) || !rest.TryCount(out var elements) || elements == 0)
        {
            throw InferenceException.InvalidRequest(
                $"Without JSON, the length of the body determines one dimension, but input \"{spec.Name}\" has shape {spec.Shape}. "
                + "Send its shape as JSON.");
        }

        // If the division leaves a remainder, the check of the tensor's size refuses the body later.
        dimensions[unknown] = byteCount / spec.Type.Size() / elements;
        return new Shape(dimensions);
    }
}
