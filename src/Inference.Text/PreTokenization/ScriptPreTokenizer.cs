using Inference.Text.Unicode;

namespace Inference.Text.PreTokenization;

/// <summary>
/// Splits where the script changes. Han, Hiragana and Katakana count as one script. Whitespace and unassigned characters fit any script.
/// </summary>
internal sealed class ScriptPreTokenizer : PreTokenizer
{
    private const int AnyScript = 0;

    public override void PreTokenize(WorkingText text) =>
        text.SplitPieces(this, static (_, text, in piece) => SplitPiece(text, piece));

    /// <summary>Splits a piece. As in Hugging Face's library, characters before the first one with a script are lost.</summary>
    private static void SplitPiece(WorkingText text, in Piece piece)
    {
        var characters = text.TextOf(piece);
        var (start, last) = (-1, -1);
        for (var index = 0; index < characters.Length;)
        {
            var script = ScriptOf(CharacterClass.CodePointAt(characters, index, out var size));
            if (script != AnyScript)
            {
                if (script != last)
                {
                    if (start >= 0)
                        text.AddPart(piece.Start + start, piece.Start + index);
                    start = index;
                }

                last = script;
            }

            index += size;
        }

        if (start >= 0)
            text.AddPart(piece.Start + start, piece.End);
    }

    private static int ScriptOf(int code)
    {
        var data = UnicodeData.Instance;
        switch (code)
        {
            case ' ':
                return AnyScript;
            // The script of these characters in Unicode 9 differs from that in UnicodeData.
            case 0x589 or 0x61C:
                return data.FindScript("Common");
            case 0x953 or 0x954:
                return data.FindScript("Devanagari");
            case 0x30FC:
                return data.FindScript("Han");
        }

        if (!data.Assigned.Contains(code))
            return AnyScript;
        var script = data.GetScript(code);
        return script == data.FindScript("Hiragana") || script == data.FindScript("Katakana") ? data.FindScript("Han") : script;
    }
}
