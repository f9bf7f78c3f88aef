namespace Inference.Protocols.Text;

/// <summary>
/// Converts positions in a text from UTF-16 code units to code points, because Python counts code points. The conversion is fastest for
/// ascending positions.
/// </summary>
internal sealed class CodePointCounter(string text)
{
    private readonly bool _hasPairs = text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
    private int _unit;
    private int _codePoints;

    /// <returns>The number of code points before a code unit.</returns>
    public int CountBefore(int unit)
    {
        if (!_hasPairs)
            return unit;
        if (unit < _unit)
            (_unit, _codePoints) = (0, 0);
        for (; _unit < unit; _unit++)
        {
            // The second half of a surrogate pair is not a code point.
            if (_unit == 0 || !char.IsSurrogatePair(text[_unit - 1], text[_unit]))
                _codePoints++;
        }

        return _codePoints;
    }
}
