using Inference.Tensors;

namespace Inference.Tests.Batching;

/// <summary>Creates and reads tensors of rank 2, whose rows lie along either axis.</summary>
internal static class ItemTensor
{
    /// <param name="value">Returns the number in a row and a column.</param>
    public static Tensor Create(int rows, int columns, int axis, Func<int, int, float> value)
    {
        var tensor = Tensor.Rent(ElementType.Float32, axis == 0 ? new Shape(rows, columns) : new Shape(columns, rows));
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                tensor.Values<float>()[IndexOf(tensor, axis, row, column)] = value(row, column);
        }

        return tensor;
    }

    public static float Get(Tensor tensor, int axis, int row, int column) => tensor.Values<float>()[IndexOf(tensor, axis, row, column)];

    private static int IndexOf(Tensor tensor, int axis, int row, int column) =>
        axis == 0 ? (row * (int)tensor.Shape[1]) + column : (column * (int)tensor.Shape[1]) + row;
}
