namespace Inference.Text.Unicode;

/// <summary>A set of code points.</summary>
internal sealed class CodePointSet
{
    private const int FirstSupplementary = 0x10000;

    private readonly ulong[] _bits = new ulong[FirstSupplementary / 64];
    private readonly (int Start, int End)[] _supplementaryRanges;

    /// <param name="ranges">The ranges in order, with exclusive ends.</param>
    public CodePointSet((int Start, int End)[] ranges)
    {
        _supplementaryRanges = [.. ranges.Where(range => range.End > FirstSupplementary)];
        foreach (var (start, end) in ranges)
        {
            for (var code = start; code < Math.Min(end, FirstSupplementary); code++)
                _bits[code >> 6] |= 1UL << code;
        }
    }

    public bool Contains(int code)
    {
        if (code < FirstSupplementary)
            return (_bits[code >> 6] >> code & 1) != 0;
        var (low, high) = (0, _supplementaryRanges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (code < _supplementaryRanges[middle].End)
                high = middle;
            else
                low = middle + 1;
        }

        return low < _supplementaryRanges.Length && code >= _supplementaryRanges[low].Start;
    }
}
