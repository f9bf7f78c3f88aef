namespace Inference.Text.Unicode;

/// <summary>
/// Reads unicode.bin, which generate.py writes. A number is stored with 7 bits per byte, the lowest bits first. The keys of a map and the
/// ranges of a set are in ascending order. Each is stored as the distance from the previous one.
/// </summary>
internal ref struct UnicodeReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>
    /// Reads a map from code points to strings: the number of strings, and then the key, the length and the code points of each string. A
    /// key is stored as the difference from the previous key.
    /// </summary>
    public Dictionary<int, int[]> ReadStrings()
    {
        var count = ReadNumber();
        var strings = new Dictionary<int, int[]>(count);
        for (var (index, code) = (0, 0); index < count; index++)
        {
            code += ReadNumber();
            var text = new int[ReadNumber()];
            for (var position = 0; position < text.Length; position++)
                text[position] = ReadNumber();
            strings.Add(code, text);
        }

        return strings;
    }

    /// <summary>Reads a map from code points to numbers: the number of runs, and then the gap, length and value of each run.</summary>
    public Dictionary<int, byte> ReadMap()
    {
        var map = new Dictionary<int, byte>();
        var code = 0;
        for (var count = ReadNumber(); count > 0; count--)
        {
            code += ReadNumber();
            var end = code + ReadNumber();
            var value = (byte)ReadNumber();
            for (; code < end; code++)
                map.Add(code, value);
        }

        return map;
    }

    /// <summary>Reads a set: the number of ranges, and then the gap before each range and its length.</summary>
    public CodePointSet ReadSet()
    {
        var ranges = new (int Start, int End)[ReadNumber()];
        for (var (index, code) = (0, 0); index < ranges.Length; index++)
        {
            var start = code + ReadNumber();
            code = start + ReadNumber();
            ranges[index] = (start, code);
        }

        return new CodePointSet(ranges);
    }

    private int ReadNumber()
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = _rest[0];
            _rest = _rest[1..];
            value |= (part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
