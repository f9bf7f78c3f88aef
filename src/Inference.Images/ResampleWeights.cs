using Inference.Models.Settings;

namespace Inference.Images;

/// <summary>The weights of the source positions that one target position covers. Positions are columns, or rows, of the image.</summary>
/// <param name="Start">The first source position.</param>
/// <param name="Values">The weights, which add up to 1.</param>
internal readonly record struct ResampleWeights(int Start, float[] Values)
{
    /// <summary>The position after the last source position.</summary>
    public int End => Start + Values.Length;

    /// <summary>Creates the weights for each target position.</summary>
    /// <param name="size">The number of source positions.</param>
    /// <param name="start">The start of the used part of the source.</param>
    /// <param name="length">The length of the used part of the source.</param>
    /// <param name="targetSize">The number of target positions.</param>
    public static ResampleWeights[] Create(int size, double start, double length, int targetSize, ImageResample filter)
    {
        var scale = length / targetSize;
        var stretch = Math.Max(scale, 1);
        var support = filter == ImageResample.Bicubic ? 2 * stretch : stretch;
        var weights = new ResampleWeights[targetSize];
        for (var position = 0; position < targetSize; position++)
        {
            var center = start + ((position + 0.5) * scale);
            var from = Math.Max(0, (int)(center - support + 0.5));
            var to = Math.Min(size, (int)(center + support + 0.5));
            weights[position] = new ResampleWeights(from, CreateWeights(from, to, center, stretch, filter));
        }

        return weights;
    }

    private static float[] CreateWeights(int from, int to, double center, double stretch, ImageResample filter)
    {
        var weights = new double[to - from];
        for (var i = 0; i < weights.Length; i++)
        {
            var distance = Math.Abs((from + i + 0.5 - center) / stretch);
            weights[i] = filter == ImageResample.Bicubic ? Cubic(distance) : Math.Max(0, 1 - distance);
        }

        var sum = weights.Sum();
        return [.. weights.Select(weight => (float)(weight / sum))];
    }

    /// <summary>The kernel of Keys' cubic convolution, with Pillow's value of the parameter.</summary>
    private static double Cubic(double distance)
    {
        const double A = -0.5;
        return distance < 1 ? ((((A + 2) * distance) - (A + 3)) * distance * distance) + 1
            : distance < 2 ? ((((distance - 5) * distance) + 8) * distance - 4) * A
            : 0;
    }
}
