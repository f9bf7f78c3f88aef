using System.Buffers;

namespace Inference.Text.Models;

/// <summary>
/// Merges adjacent tokens of a word in place. The pair with the lowest rank is merged first. If ranks are equal, the leftmost pair is
/// merged first.
/// </summary>
internal static class WordMerger
{
    /// <summary>
    /// The maximum number of symbols to merge by scanning. A scan takes quadratic time but is faster for short words. Longer words use a
    /// priority queue.
    /// </summary>
    public const int MaxScanned = 48;

    /// <returns>The number of symbols after merging.</returns>
    public static int MergeByScanning(Span<BpeModel.Symbol> symbols, MergeTable merges)
    {
        var count = symbols.Length;
        Span<int> ranks = stackalloc int[MaxScanned];
        Span<int> ids = stackalloc int[MaxScanned];
        for (var index = 0; index + 1 < count; index++)
            ranks[index] = merges.FindRank(symbols[index].Id, symbols[index + 1].Id, out ids[index]);
        while (count > 1)
        {
            var best = IndexOfLowest(ranks[..(count - 1)]);
            if (ranks[best] == int.MaxValue)
                break;
            symbols[best] = new BpeModel.Symbol(ids[best], symbols[best].Start, symbols[best + 1].End);
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            count--;
            if (best + 1 < count)
            {
                ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
                ids[(best + 2)..count].CopyTo(ids[(best + 1)..]);
                ranks[best] = merges.FindRank(symbols[best].Id, symbols[best + 1].Id, out ids[best]);
            }

            if (best > 0)
                ranks[best - 1] = merges.FindRank(symbols[best - 1].Id, symbols[best].Id, out ids[best - 1]);
        }

        return count;
    }

    /// <summary>Merges a word of any length in n log n steps.</summary>
    /// <param name="tokens">The tokens of the text, used only to check for cancellation.</param>
    /// <returns>The number of symbols after merging.</returns>
    public static int MergeByQueue(Span<BpeModel.Symbol> symbols, MergeTable merges, TokenList tokens)
    {
        var links = ArrayPool<(int Previous, int Next)>.Shared.Rent(symbols.Length);
        var queue = new PriorityQueue<(int Position, int Merged), long>(symbols.Length);
        for (var index = 0; index < symbols.Length; index++)
        {
            links[index] = (index - 1, index + 1 < symbols.Length ? index + 1 : -1);
            if (index + 1 < symbols.Length)
                Enqueue(symbols, merges, queue, index, index + 1);
        }

        while (queue.TryDequeue(out var entry, out _))
        {
            tokens.ThrowIfCancelled();
            var (left, right) = (entry.Position, links[entry.Position].Next);
            // An entry is skipped if its symbols have changed since it was queued.
            if (right < 0 || symbols[left].Id < 0)
                continue;
            if (merges.FindRank(symbols[left].Id, symbols[right].Id, out var merged) == int.MaxValue || merged != entry.Merged)
                continue;
            symbols[left] = new BpeModel.Symbol(merged, symbols[left].Start, symbols[right].End);
            symbols[right] = symbols[right] with { Id = -1 };
            var (previous, next) = (links[left].Previous, links[right].Next);
            links[left] = (previous, next);
            links[right] = (-1, -1);
            if (next >= 0)
            {
                links[next] = (left, links[next].Next);
                Enqueue(symbols, merges, queue, left, next);
            }

            if (previous >= 0)
                Enqueue(symbols, merges, queue, previous, left);
        }

        ArrayPool<(int, int)>.Shared.Return(links);
        return DropMerged(symbols);
    }

    private static void Enqueue(
        Span<BpeModel.Symbol> symbols, MergeTable merges, PriorityQueue<(int, int), long> queue, int left, int right)
    {
        var rank = merges.FindRank(symbols[left].Id, symbols[right].Id, out var merged);
        if (rank != int.MaxValue)
            queue.Enqueue((left, merged), ((long)rank << 32) | (uint)left);
    }

    private static int DropMerged(Span<BpeModel.Symbol> symbols)
    {
        var count = 0;
        foreach (var symbol in symbols)
        {
            if (symbol.Id >= 0)
                symbols[count++] = symbol;
        }

        return count;
    }

    private static int IndexOfLowest(ReadOnlySpan<int> ranks)
    {
        var best = 0;
        for (var index = 1; index < ranks.Length; index++)
        {
            if (ranks[index] < ranks[best])
                best = index;
        }

        return best;
    }
}
