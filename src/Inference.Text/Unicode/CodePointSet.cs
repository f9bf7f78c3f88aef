namespace Inference.Text.Unicode;

/// <summary>A set of code points.</summary>
internal sealed class CodePointSet
{
    private const int FirstBeyond = 0x10000;

    private readonly ulong[] _bits = new ulong[FirstBeyond / 64];
    private readonly (int Start, int End)[] _beyond;

    /// <param name="ranges">The ranges in order, with exclusive ends.</param>
    public CodePointSet((int Start, int End)[] ranges)
    {
        _beyond = [.. ranges.Where(range => range.End > FirstBeyond)];
        foreach (var (start, end) in ranges)
        {
            for (var code = start; code < Math.Min(end, FirstBeyond); code++)
                _bits[code >> 6] |= 1UL << code;
        }
    }

    public bool Contains(int code)
    {
        if (code < FirstBeyond)
            return (_bits[code >> 6] >> code & 1) != 0;
        foreach (var (start, end) in _beyond)
        {
            if (code < end)
                return code >= start;
        }

        return false;
    }
}
