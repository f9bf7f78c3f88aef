using System.Text;

namespace Inference.Text.Tests;

/// <summary>Random texts of the kinds that tokenizers get wrong. The same seed gives the same texts.</summary>
internal sealed class RandomTexts(int seed)
{
    private static readonly string[] Words =
    [
        "the", "of", "and", "to", "a", "in", "that", "is", "was", "for", "running", "internationalization", "Tokenizer", "don't", "we'll",
        "I'm", "HELLO", "they've", "it's", "you'D", "o'clock", "naïve", "café", "Ångström", "Straße", "İstanbul", "ﬁnance", "Ⅷ", "²³", "½",
        "Москва", "привет", "Ελλάδα", "ΣΊΣΥΦΟΣ", "שלום", "العربية", "हिन्दी", "नमस्ते", "ক্ষমা", "สวัสดีครับ", "ภาษาไทย", "한국어", "각",
        "日本語", "ひらがな", "カタカナ", "ｶﾀｶﾅ", "が", "中文字符", "繁體", "𠀀𠀁", "Tiếng", "Việt", "ação", "żółć", "ǅ", "ŉ", "Ǆ", "ſ", "'ſ",
        "e\u0301", "a\u0323\u0302", "q\u0307\u0323", "o\u0308\u0304", "Z\u0351\u036b\u0343a\u0323\u0321l\u033fgo", "ç\u0327", "\u0958", "ﷺ",
        "㌔", "①",
    ];

    private static readonly string[] Marks =
    [
        "$5.00", "€1.234,56", "£3", "¥100", "50%", "1/2", "3.14159", "1e-9", "2024-01-31", "10:30", "#1", "@user", "a_b", "x=y+z", "<b>",
        "</b>",
        "&amp;", "C++", "C#", "f(x)", "[0]", "{}", "if(a<b&&c>d){return;}", "::", "->", "!=", "https://example.com/a?b=c&d=%20#e",
        "user.name@mail.example.org", "...", "…", "—", "«»", "“”", "„", "‚", "、", "。", "「」", "！", "？", "、", "¿", "¡", "※", "→", "∑", "√",
        "°",
    ];

    private static readonly string[] Symbols =
    [
        "😀", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇫🇷🇬", "1️⃣", "❤️", "☺︎", "🧑🏿‍🚀", "⌚", "\u200b", "\u200c", "\u200d", "\u200e",
        "\u200f", "\u00ad", "\u2060",
        "\ufeff", "\u0000", "\u0001", "\u0007", "\u001b", "\u007f", "\u0085", "\u009f", "\ufffd", "\ufffe", "\ue000", "\ud800", "\udc00",
        "\udbff",
        "\u0600", "\u180e", "\u2028", "\u2029", "\u034f", "\u1cf2", "\u0d4e", "\ufdd0", "\U000e0001", "\U000e0100", "\U0010ffff", "𝒜",
        "𝟙", "🅰", "𑀓𑁆",
    ];

    private static readonly string[] Whitespace =
        [" ", " ", " ", " ", " ", " ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", " \n ", "\u00a0", "\u3000", "\u2003", "\u202f", "\v",
            "\f", "", "", "_", "-", "▁"];

    private static readonly string[] Special =
    [
        "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "<s>", "</s>", "<mask>", "<pad>", "<unk>", "<|endoftext|>", "<|end", "[mask]",
        "[ MASK ]",
        "<0x41>", "##s", "Ġthe", "new_token", "Day",
    ];

    private readonly Random _random = new(seed);

    public string Next()
    {
        var text = new StringBuilder();
        for (var parts = _random.Next(1, 16); parts > 0; parts--)
            text.Append(NextPart()).Append(Pick(Whitespace));
        return text.ToString();
    }

    /// <summary>Returns a random word, or a sign such as a price or an address.</summary>
    public string NextWord() => _random.Next(10) switch
    {
        < 6 => Pick(Words),
        6 => Pick(Marks),
        7 => Pick(Words) + Pick(Words),
        _ => Syllables(),
    };

    public int NextNumber(int end) => _random.Next(end);

    private string NextPart() => _random.Next(24) switch
    {
        < 8 => NextWord(),
        < 11 => Pick(Marks),
        < 13 => Pick(Symbols),
        13 => Pick(Special),
        14 => Any(),
        15 => _random.Next(1_000_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        16 => string.Concat(Enumerable.Repeat(Pick(Words), _random.Next(1, 30))),
        17 => Pick(Words).ToUpperInvariant(),
        18 => Pick(Symbols) + Pick(Words) + Pick(Symbols),
        19 => Letters(),
        _ => Syllables(),
    };

    private string Syllables()
    {
        const string Consonants = "bcdfghklmnprstvwz", Vowels = "aeiouy";
        var text = new StringBuilder();
        for (var count = _random.Next(1, 6); count > 0; count--)
        {
            text.Append(Consonants[_random.Next(Consonants.Length)]).Append(Vowels[_random.Next(Vowels.Length)]);
            if (_random.Next(3) == 0)
                text.Append(Consonants[_random.Next(Consonants.Length)]);
        }

        if (_random.Next(4) == 0)
            text[0] = char.ToUpperInvariant(text[0]);
        return text.ToString();
    }

    /// <summary>Returns random code points, which may be unpaired surrogates.</summary>
    private string Any()
    {
        var text = new StringBuilder();
        for (var count = _random.Next(1, 5); count > 0; count--)
        {
            var code = _random.Next(3) == 0 ? _random.Next(0x110000) : _random.Next(0x3000);
            if (code is >= 0xD800 and < 0xE000)
                text.Append((char)code);
            else
                text.Append(char.ConvertFromUtf32(code));
        }

        return text.ToString();
    }

    /// <summary>Returns random letters of one block, with combining marks between them.</summary>
    private string Letters()
    {
        var block = _random.Next(0x20, 0xFF0) << 4;
        var text = new StringBuilder();
        for (var count = _random.Next(1, 8); count > 0; count--)
        {
            var code = block + _random.Next(64);
            if (code is < 0xD800 or > 0xDFFF)
                text.Append((char)code);
            if (_random.Next(4) == 0)
                text.Append((char)_random.Next(0x300, 0x370));
        }

        return text.ToString();
    }

    private string Pick(string[] choices) => choices[_random.Next(choices.Length)];
}
