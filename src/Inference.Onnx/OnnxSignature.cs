using Inference.Models;
using Inference.Onnx.Graph;
using Inference.Onnx.ZeroSizes;
using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>A session's metadata as a signature; refuses what a tensor protocol cannot carry.</summary>
internal static class OnnxSignature
{
    /// <param name="readGraph">
    /// Reads the model's file for what the metadata does not tell: whether a tensor of rank 0 is a scalar or has no declared shape, and whether
    /// the operators survive sizes of 0. Only called where that matters.
    /// </param>
    public static ModelSignature Read(ModelId id, InferenceSession session, Func<OnnxModel>? readGraph = null)
    {
        var signature = new ModelSignature(
            [.. session.InputNames.Select(name => Spec(id, "input", name, session.InputMetadata[name]))],
            [.. session.OutputNames.Select(name => Spec(id, "output", name, session.OutputMetadata[name]))]);
        if (readGraph is null || !NeedsGraph(signature))
            return signature;
        try
        {
            return Complete(signature, readGraph());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return new ModelSignature(signature.Inputs, signature.Outputs) { ZeroSizeObstacle = "The graph of the model cannot be read." };
        }
    }

    private static ModelSignature Complete(ModelSignature signature, OnnxModel model)
    {
        var unranked = model.Graph.Inputs.Concat(model.Graph.Outputs).Where(value => value.Dimensions is null).Select(value => value.Name).ToHashSet();
        return new ModelSignature(
            [.. signature.Inputs.Select(spec => spec with { AnyShape = unranked.Contains(spec.Name) })],
            [.. signature.Outputs.Select(spec => spec with { AnyShape = unranked.Contains(spec.Name) })])
        {
            ZeroSizeObstacle = ZeroSizeCheck.FindObstacle(model),
        };
    }

    /// <summary>
    /// Whether a shape may be missing, or an input may have a dimension of size 0 beside that of the items, or integers that may become sizes.
    /// </summary>
    private static bool NeedsGraph(ModelSignature signature)
    {
        var first = signature.ItemAxis == ItemAxis.None ? 0 : 1;
        return signature.Inputs.Concat(signature.Outputs).Any(spec => spec.Shape.Rank == 0)
            || signature.Inputs.Any(spec => spec.Type.IsInteger() || spec.Shape.Dimensions[first..].IndexOfAny(Shape.Dynamic, 0) >= 0);
    }

    private static TensorSpec Spec(ModelId id, string role, string name, NodeMetadata metadata)
    {
        if (metadata.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR)
            throw Unsupported(id, role, name, $"{Describe(metadata)}; only tensors can be served");
        var type = FromOnnx(metadata.ElementDataType)
            ?? throw Unsupported(id, role, name, $"a tensor of {metadata.ElementDataType}, which no serving protocol carries; insert a Cast to a common type");
        return new TensorSpec(
            name,
            type,
            new Shape([.. metadata.Dimensions.Select(dimension => (long)dimension)]),
            [.. metadata.SymbolicDimensions.Select(symbol => symbol ?? "")]);
    }

    private static string Describe(NodeMetadata metadata) => metadata.OnnxValueType switch
    {
        OnnxValueType.ONNX_TYPE_SEQUENCE when metadata.AsSequenceMetadata().ElementMeta.OnnxValueType == OnnxValueType.ONNX_TYPE_MAP =>
            "a sequence of maps (a ZipMap node, as scikit-learn converters add it: convert with options={'zipmap': False})",
        OnnxValueType.ONNX_TYPE_SEQUENCE => "a sequence (stack or concatenate it to a tensor in the model: ConcatFromSequence)",
        OnnxValueType.ONNX_TYPE_MAP => "a map (remove the ZipMap node: convert with options={'zipmap': False})",
        OnnxValueType.ONNX_TYPE_OPTIONAL => "an optional (unwrap it in the model: OptionalGetElement)",
        var other => $"of the kind {other}",
    };

    private static InferenceException Unsupported(ModelId id, string role, string name, string what) =>
        new(InferenceError.ModelUnavailable, $"Model {id} cannot be served: {role} \"{name}\" is {what}.");

    public static ElementType? FromOnnx(TensorElementType type) => type switch
    {
        TensorElementType.Bool => ElementType.Bool,
        TensorElementType.UInt8 => ElementType.UInt8,
        TensorElementType.UInt16 => ElementType.UInt16,
        TensorElementType.UInt32 => ElementType.UInt32,
        TensorElementType.UInt64 => ElementType.UInt64,
        TensorElementType.Int8 => ElementType.Int8,
        TensorElementType.Int16 => ElementType.Int16,
        TensorElementType.Int32 => ElementType.Int32,
        TensorElementType.Int64 => ElementType.Int64,
        TensorElementType.Float16 => ElementType.Float16,
        TensorElementType.BFloat16 => ElementType.BFloat16,
        TensorElementType.Float => ElementType.Float32,
        TensorElementType.Double => ElementType.Float64,
        TensorElementType.String => ElementType.Bytes,
        _ => null,
    };

    public static TensorElementType ToOnnx(ElementType type) => type switch
    {
        ElementType.Bool => TensorElementType.Bool,
        ElementType.UInt8 => TensorElementType.UInt8,
        ElementType.UInt16 => TensorElementType.UInt16,
        ElementType.UInt32 => TensorElementType.UInt32,
        ElementType.UInt64 => TensorElementType.UInt64,
        ElementType.Int8 => TensorElementType.Int8,
        ElementType.Int16 => TensorElementType.Int16,
        ElementType.Int32 => TensorElementType.Int32,
        ElementType.Int64 => TensorElementType.Int64,
        ElementType.Float16 => TensorElementType.Float16,
        ElementType.BFloat16 => TensorElementType.BFloat16,
        ElementType.Float32 => TensorElementType.Float,
        ElementType.Float64 => TensorElementType.Double,
        ElementType.Bytes => TensorElementType.String,
    };
}
