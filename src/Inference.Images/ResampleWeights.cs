namespace Inference.Images;

/// <summary>What one place of the target takes from the places of the source that it covers.</summary>
/// <param name="Start">The first place of the source.</param>
/// <param name="Values">They add up to 1.</param>
internal readonly record struct ResampleWeights(int Start, float[] Values)
{
    public int End => Start + Values.Length;

    /// <param name="size">Places of the source.</param>
    /// <param name="start">Where the part of it begins that is taken.</param>
    /// <param name="length">How long that is.</param>
    /// <param name="places">Of the target.</param>
    public static ResampleWeights[] Create(int size, double start, double length, int places)
    {
        var scale = length / places;
        var support = Math.Max(scale, 1);
        var all = new ResampleWeights[places];
        for (var place = 0; place < places; place++)
        {
            var center = start + ((place + 0.5) * scale);
            var from = Math.Max(0, (int)(center - support + 0.5));
            var to = Math.Min(size, (int)(center + support + 0.5));
            all[place] = new ResampleWeights(from, Triangle(from, to, center, support));
        }

        return all;
    }

    private static float[] Triangle(int from, int to, double center, double support)
    {
        var weights = new double[to - from];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = Math.Max(0, 1 - Math.Abs((from + i + 0.5 - center) / support));
        var sum = weights.Sum();
        return [.. weights.Select(weight => (float)(weight / sum))];
    }
}
