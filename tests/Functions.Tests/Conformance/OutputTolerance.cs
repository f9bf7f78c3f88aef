using System.Runtime.InteropServices;
using Inference.Onnx.Sweep;

namespace Functions.Tests.Conformance;

/// <summary>Decides whether outputs differ only by rounding.</summary>
internal static class OutputTolerance
{
    /// <summary>The tolerance of FP32, relative to the largest element: a few units in the last place, even after a sum.</summary>
    private const double Single = 1e-6;

    private const double Double = 1e-14;

    private const double Half = 2e-3;

    public static bool AreClose(TestTensor[] expected, TestTensor[] found) =>
        expected.Length == found.Length && expected.Zip(found).All(pair => AreClose(pair.First, pair.Second));

    private static bool AreClose(TestTensor expected, TestTensor found)
    {
        if (expected.Type != found.Type || !expected.Shape.SequenceEqual(found.Shape))
            return false;
        return expected.Type switch
        {
            1 => AreClose(Values<float>(expected, value => value), Values<float>(found, value => value), Single),
            10 => AreClose(Values<System.Half>(expected, value => (double)value), Values<System.Half>(found, value => (double)value), Half),
            11 => AreClose(Values<double>(expected, value => value), Values<double>(found, value => value), Double),
            _ => expected.Data.AsSpan().SequenceEqual(found.Data),
        };
    }

    private static double[] Values<T>(TestTensor tensor, Func<T, double> number)
        where T : unmanaged => [.. MemoryMarshal.Cast<byte, T>(tensor.Data).ToArray().Select(number)];

    private static bool AreClose(double[] expected, double[] found, double tolerance)
    {
        var scale = expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return expected.Zip(found).All(pair => pair.First.Equals(pair.Second) || Math.Abs(pair.First - pair.Second) <= tolerance * scale);
    }
}
