namespace Inference.Tensors;

/// <summary>A tensor with the name of its input or output.</summary>
public readonly record struct NamedTensor(string Name, Tensor Tensor)
{
    /// <summary>
    /// The rows of an output whose items differ in size and cannot form one tensor: one row per item. <see cref="Tensor"/> is then a view
    /// of the first row. Null for every other output and for inputs.
    /// </summary>
    public TensorRows? Rows { get; init; }

    /// <summary>Returns the row of an item, as a view of this output's memory.</summary>
    public Tensor GetRow(int item) => Rows is { } rows ? rows[item] : Tensor.Rows(item, 1);
}
