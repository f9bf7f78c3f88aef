namespace Inference.Models;

/// <summary>
/// Describes a tensor that contains one part of an output that is a map, a list of maps, or a list of tensors. The engine handles
/// tensors only. A codec joins the parts again if its format can represent the output.
/// </summary>
/// <param name="Output">The model's name of the output.</param>
/// <param name="Kind">The content of the tensor.</param>
public sealed record OutputPart(string Output, OutputPartKind Kind)
{
    /// <summary>Whether each item of a run has its own row of the tensor: a list of maps has one map per item.</summary>
    public bool HasItems => Kind is OutputPartKind.RowKeys or OutputPartKind.RowValues;

    /// <summary>The name of the tensor: the output's name, followed by the part.</summary>
    public string TensorName => Output + Kind switch
    {
        OutputPartKind.RowKeys or OutputPartKind.Keys => ".keys",
        OutputPartKind.RowValues or OutputPartKind.Values or OutputPartKind.Elements => ".values",
        OutputPartKind.Shapes => ".shapes",
    };
}

/// <summary>The content of a tensor that contains a part of an output.</summary>
public enum OutputPartKind
{
    /// <summary>The keys of a list of maps of equal size, as text: BYTES [maps, size].</summary>
    RowKeys,

    /// <summary>The values of a list of maps of equal size, each in the order of its keys: [maps, size].</summary>
    RowValues,

    /// <summary>The keys of one map, as text: BYTES [size].</summary>
    Keys,

    /// <summary>The values of one map, in the order of its keys: [size].</summary>
    Values,

    /// <summary>
    /// The shapes of a list of tensors: INT64 [tensors, largest rank]. A tensor of a smaller rank has -1 after its dimensions.
    /// </summary>
    Shapes,

    /// <summary>The elements of all tensors of a list, one tensor after the other: [elements].</summary>
    Elements,
}
