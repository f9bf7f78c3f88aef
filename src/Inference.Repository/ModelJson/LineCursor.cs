namespace Inference.Repository.ModelJson;

/// <summary>Converts ascending byte offsets to lines and columns from 1, in one pass over the text. A column counts bytes.</summary>
internal ref struct LineCursor(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _offset;
    private int _line = 1;
    private int _lineStart;

    public (int Line, int Column) Locate(int offset)
    {
        for (; _offset < offset; _offset++)
        {
            if (_text[_offset] == (byte)'\n')
                (_line, _lineStart) = (_line + 1, _offset + 1);
        }

        return (_line, offset - _lineStart + 1);
    }
}
