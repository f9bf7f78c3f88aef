namespace Inference.Protocols;

/// <summary>Finds the highest of several scores.</summary>
internal static class BestScores
{
    /// <summary>
    /// Finds the positions of the highest scores, the highest first. Equal scores keep their order, and NaN is the lowest.
    /// </summary>
    /// <param name="best">Receives the positions. Its length is at most the number of scores.</param>
    public static void Find<T>(ReadOnlySpan<T> scores, Span<int> best)
        where T : IComparable<T>
    {
        var found = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            var rank = found;
            while (rank > 0 && scores[best[rank - 1]].CompareTo(scores[i]) < 0)
                rank--;
            if (rank == best.Length)
                continue;
            found = Math.Min(found + 1, best.Length);
            for (var j = found - 1; j > rank; j--)
                best[j] = best[j - 1];
            best[rank] = i;
        }
    }
}
