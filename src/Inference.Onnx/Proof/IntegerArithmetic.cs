namespace Inference.Onnx.Proof;

/// <summary>
/// The arithmetic of sizes. A result is exact where possible. Any other result is a new symbol, which stands for an unknown integer. A
/// result that varies with the number of items cannot be a symbol, because the value of a symbol does not vary with that number.
/// </summary>
internal static class IntegerArithmetic
{
    /// <summary>Whether <see cref="Compute"/> supports an operator of ONNX.</summary>
    public static bool IsSupported(string operation) =>
        operation is "Add" or "Sub" or "Mul" or "Div" or "Mod" or "Min" or "Max" or "Neg" or "Abs" or "Equal"
        or "Greater" or "GreaterOrEqual" or "Less" or "LessOrEqual" or "And" or "Or" or "Not";

    /// <summary>
    /// Computes the result of an operator. Returns null if the result may depend on the number of items and is not known to be a multiple
    /// of that number. For example, <c>items * 2</c> is a multiple of the number of items, and <c>items + 1</c> is not.
    /// </summary>
    public static Extent? Compute(string operation, Extent[] values, SymbolTable symbols)
    {
        if (values.All(static value => value.IsConstant)
            && ComputeConstant(operation, [.. values.Select(static value => value.Factor)]) is { } constant)
        {
            return Extent.FromConstant(constant);
        }

        if (values is [var left, var right] && TryComputeExact(operation, left, right, symbols) is { } exact)
            return exact;
        if (values.Any(static value => value.HasItems))
            return null;
        var description = $"{operation}({string.Join(',', values)})";
        return operation is "Add" or "Mul" or "Min" or "Max" && values.All(symbols.IsNonNegative)
            ? symbols.GetSize(description)
            : symbols.GetValue(description);
    }

    private static long? ComputeConstant(string operation, long[] values) => (operation, values) switch
    {
        ("Add", [var a, var b]) => a + b,
        ("Sub", [var a, var b]) => a - b,
        ("Mul", [var a, var b]) => a * b,
        ("Div", [var a, var b]) when b != 0 => a / b,
        // The result has the sign of the divisor in ONNX, but not in C#. So negative operands are not computed.
        ("Mod", [>= 0 and var a, > 0 and var b]) => a % b,
        ("Min", _) => values.Min(),
        ("Max", _) => values.Max(),
        ("Neg", [var a]) => -a,
        ("Abs", [var a]) => Math.Abs(a),
        ("Not", [var a]) => a == 0 ? 1 : 0,
        ("Equal", [var a, var b]) => a == b ? 1 : 0,
        ("Greater", [var a, var b]) => a > b ? 1 : 0,
        ("GreaterOrEqual", [var a, var b]) => a >= b ? 1 : 0,
        ("Less", [var a, var b]) => a < b ? 1 : 0,
        ("LessOrEqual", [var a, var b]) => a <= b ? 1 : 0,
        ("And", [var a, var b]) => a != 0 && b != 0 ? 1 : 0,
        ("Or", [var a, var b]) => a != 0 || b != 0 ? 1 : 0,
        _ => null,
    };

    private static Extent? TryComputeExact(string operation, Extent left, Extent right, SymbolTable symbols)
    {
        switch (operation)
        {
            case "Add" when right is { IsConstant: true, Factor: 0 }:
            case "Sub" when right is { IsConstant: true, Factor: 0 }:
            case "Min" or "Max" or "And" or "Or" when left == right:
                return left;
            case "Add" when left is { IsConstant: true, Factor: 0 }:
                return right;
            case "Mul":
                return Extent.Product(left, right);
            case "Div":
                return left.DivideBy(right);
            case "Equal" when left == right:
                return Extent.One;
            // A size is never negative, so it never equals a negative constant.
            case "Equal" when IsNegative(right) && symbols.IsNonNegative(left):
            case "Equal" when IsNegative(left) && symbols.IsNonNegative(right):
                return Extent.FromConstant(0);
            default:
                return null;
        }
    }

    private static bool IsNegative(Extent value) => value is { IsConstant: true, Factor: < 0 };
}
