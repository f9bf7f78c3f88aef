namespace Inference.Tensors;

/// <summary>A tensor with the name of the input or output it is for.</summary>
public readonly record struct NamedTensor(string Name, Tensor Tensor)
{
    /// <summary>
    /// The output's rows, one for each item, where the items differ in size and so do not form one tensor: <see cref="Tensor"/> is the
    /// first of them. Null for every other output.
    /// </summary>
    public IReadOnlyList<Tensor>? Rows { get; init; }

    /// <summary>Gets the row of an item, as a view of this output's memory.</summary>
    public Tensor RowOf(int item) => Rows is { } rows ? rows[item] : Tensor.Rows(item, 1);
}
