using Inference.Models;
using Inference.Onnx.Graph;
using Inference.Onnx.ZeroSizes;
using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Inference.Onnx;

/// <summary>Converts a session's metadata to a signature. Throws for inputs and outputs that tensors cannot represent.</summary>
internal static class OnnxSignature
{
    /// <summary>The element types of ONNX Runtime, in the order of <see cref="ElementType"/>.</summary>
    private static readonly TensorElementType[] OnnxTypes = Array.ConvertAll(Enum.GetValues<ElementType>(), ToOnnx);

    /// <param name="readGraph">
    /// Reads the graph from the model file; called only when the graph is needed. The graph shows whether a tensor of rank 0 is a scalar or
    /// has no declared shape. The graph also shows whether the operators support dimensions of size 0.
    /// </param>
    public static ModelSignature Read(ModelId id, InferenceSession session, Func<OnnxModel>? readGraph = null)
    {
        TensorSpec[] inputs = [.. session.InputNames.Select(name => CreateInputSpec(id, name, session.InputMetadata[name]))];
        var mapCount =
            inputs.Length > 0 && Array.TrueForAll(inputs, input => input.Shape.Rank > 0 && input.Shape[0] == 1) ? 1 : Shape.Dynamic;
        var signature = new ModelSignature(
            [.. inputs],
            [.. session.OutputNames.SelectMany(name => CreateOutputSpecs(id, name, session.OutputMetadata[name], mapCount))])
        {
            Initializers = [.. session.OverridableInitializerMetadata.Keys],
        };
        ThrowIfColliding(id, signature.Outputs, session.OutputNames);
        var optionalOutput =
            session.OutputNames.FirstOrDefault(name => session.OutputMetadata[name].OnnxValueType == OnnxValueType.ONNX_TYPE_OPTIONAL);
        if (readGraph is null || (optionalOutput is null && !NeedsGraph(signature)))
            return signature;
        try
        {
            var graph = readGraph();
            if (optionalOutput is not null)
                ThrowIfMayBeAbsent(id, optionalOutput, graph);
            return AddGraphFacts(signature, graph);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return new ModelSignature(signature.Inputs, signature.Outputs)
            {
                ZeroSizeObstacle = "The graph of the model cannot be read.",
                Initializers = signature.Initializers,
            };
        }
    }

    /// <summary>
    /// Throws if two outputs have one name, or if a part of an output has the name of another output. The names of tensors must be unique.
    /// </summary>
    /// <param name="graphNames">The names of the graph's outputs.</param>
    private static void ThrowIfColliding(ModelId id, IEnumerable<TensorSpec> outputs, IReadOnlyCollection<string> graphNames)
    {
        if (graphNames.CountBy(static name => name).FirstOrDefault(static count => count.Value > 1).Key is { } repeated)
        {
            throw CreateUnsupportedError(
                id, "output", repeated,
                "in the graph's list of outputs more than once, but names must be unique; remove the repeated output from the list");
        }

        if (outputs.FirstOrDefault(output => output.Part is not null && graphNames.Contains(output.Name)) is not { Part: { } part } tensor)
            return;
        throw CreateUnsupportedError(
            id, "output", part.Output,
            $"served as tensors, one of which is \"{tensor.Name}\", and another output has the name \"{tensor.Name}\" too; rename one of "
            + "the two outputs in the graph");
    }

    /// <summary>
    /// Throws if an optional output of the graph may have no value, because a run without the value ends the process (ONNX Runtime 1.31).
    /// </summary>
    private static void ThrowIfMayBeAbsent(ModelId id, string output, OnnxModel model)
    {
        var emptyOptional = ModelOperators.FindAll(model).Select(static node => node.Node)
            .FirstOrDefault(static node =>
                node is { Operator: "Optional", Domain: "" } && node.Inputs.All(static input => input.Length == 0));
        if (emptyOptional is null)
            return;
        throw CreateUnsupportedError(
            id, "output", output,
            $"an optional that may have no value (the node {emptyOptional.Description} produces none), and a run without this value would "
            + "end the server process; output a BOOL tensor (OptionalHasElement) and a tensor that is empty without a value");
    }

    private static ModelSignature AddGraphFacts(ModelSignature signature, OnnxModel model)
    {
        var unranked =
            model.Graph.Inputs.Concat(model.Graph.Outputs).Where(value => value.Dimensions is null).Select(value => value.Name).ToHashSet();
        return new ModelSignature(
            [.. signature.Inputs.Select(spec => spec with { AcceptsAnyShape = unranked.Contains(spec.Name) })],
            [.. signature.Outputs.Select(spec => spec with { AcceptsAnyShape = unranked.Contains(spec.Name) })])
        {
            ZeroSizeObstacle = ZeroSizeCheck.FindObstacle(model),
            Initializers = signature.Initializers,
        };
    }

    /// <summary>
    /// Whether the graph must be read, for one of three reasons. A tensor of rank 0 may be a scalar or have no declared shape. An input can
    /// have size 0 in a dimension other than the item dimension. An input can have integers, which the model may use as sizes.
    /// </summary>
    private static bool NeedsGraph(ModelSignature signature)
    {
        var firstAxis = signature.ItemAxis == ItemAxis.None ? 0 : 1;
        return signature.Inputs.Concat(signature.Outputs).Any(spec => spec.Shape.Rank == 0)
            || signature.Inputs.Any(spec => spec.Type.IsInteger() || spec.Shape.Dimensions[firstAxis..].IndexOfAny(Shape.Dynamic, 0) >= 0);
    }

    private static TensorSpec CreateInputSpec(ModelId id, string name, NodeMetadata metadata) =>
        metadata.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR
        ? CreateSpec(id, "input", name, metadata)
        : throw CreateUnsupportedError(
            id, "input", name, $"{Describe(metadata)}, which no serving protocol supports; export the model with a tensor as this input");

    private static TensorSpec CreateSpec(ModelId id, string role, string name, NodeMetadata metadata) => new(
        name,
        GetElementType(id, role, name, metadata),
        new Shape([.. metadata.Dimensions.Select(dimension => (long)dimension)]),
        [.. metadata.SymbolicDimensions.Select(symbol => symbol ?? "")]);

    private static ElementType GetElementType(ModelId id, string role, string name, NodeMetadata metadata) =>
        FromOnnx(metadata.ElementDataType)
        ?? throw CreateUnsupportedError(id, role, name,
            $"of elements of the type {metadata.ElementDataType}, which no serving protocol supports; insert a Cast to a common type");

    /// <summary>Returns the tensor of an output. For an output that is not a tensor, returns the tensors for its parts.</summary>
    /// <param name="mapCount">
    /// The number of maps in an output that is a list of maps. That number equals the number of items: 1 or dynamic.
    /// </param>
    private static TensorSpec[] CreateOutputSpecs(ModelId id, string name, NodeMetadata metadata, long mapCount)
    {
        switch (metadata.OnnxValueType)
        {
            case OnnxValueType.ONNX_TYPE_TENSOR:
                return [CreateSpec(id, "output", name, metadata)];
            case OnnxValueType.ONNX_TYPE_OPTIONAL:
                var inner = metadata.AsOptionalMetadata().ElementMeta;
                // ONNX Runtime cannot write an optional output to preallocated memory. Without a known shape, no memory is preallocated for
                // the output.
                return inner.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR
                    ? [new TensorSpec(name, GetElementType(id, "output", name, inner), new Shape(), []) { AcceptsAnyShape = true }]
                    : CreateOutputSpecs(id, name, inner, mapCount);
            case OnnxValueType.ONNX_TYPE_MAP:
                return CreatePartSpecs(id, name, metadata.AsMapMetadata().ValueMetadata, (OutputPartKind.Keys, [Shape.Dynamic]),
                    (OutputPartKind.Values, [Shape.Dynamic]));
            case OnnxValueType.ONNX_TYPE_SEQUENCE:
                var element = metadata.AsSequenceMetadata().ElementMeta;
                if (element.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR)
                {
                    return CreatePartSpecs(id, name, element, (OutputPartKind.Shapes, [Shape.Dynamic, Shape.Dynamic]),
                        (OutputPartKind.Elements, [Shape.Dynamic]));
                }

                if (element.OnnxValueType != OnnxValueType.ONNX_TYPE_MAP)
                    break;
                return CreatePartSpecs(
                    id, name, element.AsMapMetadata().ValueMetadata,
                    (OutputPartKind.RowKeys, [mapCount, Shape.Dynamic]), (OutputPartKind.RowValues, [mapCount, Shape.Dynamic]));
        }

        throw CreateUnsupportedError(id, "output", name, $"{Describe(metadata)}, which no serving protocol supports");
    }

    private static TensorSpec[] CreatePartSpecs(
        ModelId id, string name, NodeMetadata elements, (OutputPartKind Kind, long[] Shape) first,
        (OutputPartKind Kind, long[] Shape) second)
    {
        var firstType = first.Kind == OutputPartKind.Shapes ? ElementType.Int64 : ElementType.Bytes;
        return [CreatePart(firstType, first), CreatePart(GetElementType(id, "output", name, elements), second)];

        TensorSpec CreatePart(ElementType type, (OutputPartKind Kind, long[] Shape) part)
        {
            var outputPart = new OutputPart(name, part.Kind);
            return new TensorSpec(outputPart.TensorName, type, new Shape(part.Shape), [.. part.Shape.Select(_ => "")])
            {
                Part = outputPart,
            };
        }
    }

    private static string Describe(NodeMetadata metadata) => metadata.OnnxValueType switch
    {
        OnnxValueType.ONNX_TYPE_SEQUENCE => "a sequence",
        OnnxValueType.ONNX_TYPE_MAP => "a map",
        OnnxValueType.ONNX_TYPE_OPTIONAL => "an optional",
        OnnxValueType.ONNX_TYPE_SPARSETENSOR => "a sparse tensor",
        var other => $"of the kind {other}",
    };

    private static InferenceException CreateUnsupportedError(ModelId id, string role, string name, string description) =>
        new(InferenceError.ModelUnavailable, $"Model {id} cannot be served: {role} \"{name}\" is {description}.")
        {
            LastsUntilFilesChange = true,
            Cause = FailureCause.Files,
        };

    /// <summary>Converts an element type; returns null for a type that no serving protocol supports.</summary>
    public static ElementType? FromOnnx(TensorElementType type) =>
        Array.IndexOf(OnnxTypes, type) is >= 0 and var index ? (ElementType)index : null;

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
