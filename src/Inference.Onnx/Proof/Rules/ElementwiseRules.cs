namespace Inference.Onnx.Proof.Rules;

/// <summary>The rules of operators that compute each element of the output from the elements at the same position of the inputs.</summary>
internal static class ElementwiseRules
{
    /// <summary>The operators that ONNX defines (https://onnx.ai/onnx/operators).</summary>
    private static readonly string[] Operators =
    [
        "Abs", "Acos", "Acosh", "Add", "And", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr",
        "BitwiseXor",
        "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Div", "Elu", "Equal", "Erf", "Exp", "Floor", "Gelu", "Greater",
        "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Less", "LessOrEqual", "Log", "Max",
        "Mean", "Min",
        "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin",
        "Sinh",
        "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "Swish", "Tan", "Tanh", "ThresholdedRelu", "Where", "Xor",
    ];

    /// <summary>
    /// The operators that ONNX Runtime adds (https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md).
    /// </summary>
    private static readonly string[] RuntimeOperators = ["BiasGelu", "FastGelu", "Gelu", "QuickGelu"];

    public static void AddTo(RuleSet rules)
    {
        foreach (var name in Operators)
            rules.Add(name, Elementwise);
        foreach (var name in RuntimeOperators)
            rules.Add(RuleSet.RuntimeDomain, name, Elementwise);
        rules.Add("CastLike", static call => [call.Data(0).WithoutElements()]);
        rules.Add("Dropout", Dropout);
        rules.Add("QuantizeLinear", Quantize);
        rules.Add("DequantizeLinear", Quantize);
    }

    private static ProofValue[] Elementwise(NodeCall call)
    {
        // Before version 7, the attributes "axis" and "broadcast" determined how the axes of the inputs are aligned.
        if (call.Node.Domain.Length == 0 && call.Opset < 7 && call.Inputs.Length > 1)
            throw new NotProvenException($"version {call.Opset} of the operator aligns its inputs by attributes");
        return [Broadcast.Apply(call.Symbols, call.GetAllData())];
    }

    /// <summary>Applies the rule of dropout. The second output is the mask. Both outputs have the items on the same axis.</summary>
    private static ProofValue[] Dropout(NodeCall call)
    {
        if (call.Has(2) && call.Constants(2) is not [0])
            throw new NotProvenException("it is in training mode, so its result is random");
        if (call.Opset < 7)
            throw new NotProvenException($"the effect of version {call.Opset} of the operator on the items is not known");
        var data = call.Data(0).WithoutElements();
        return [data, data];
    }

    /// <summary>Applies the rule of quantization, with one scale for all elements or one scale for each slice of an axis.</summary>
    private static ProofValue[] Quantize(NodeCall call)
    {
        var data = call.Data(0);
        var scale = call.Shared(1);
        if (call.Has(2))
            call.Shared(2);
        if (call.IsShared)
            return [data.WithoutElements()];
        if (data.Items is { } items && scale.Rank > 0 && !(scale.Rank == 1 && scale.Dimension(0).IsOne))
        {
            var axis = NodeCall.Axis(call.Integer("axis", 1), data.Rank);
            if (scale.Rank > 1 || axis == items.Axis)
                throw new NotProvenException("its scale differs along the items");
        }

        return [data];
    }
}
