namespace Inference.Text.Unicode;

/// <summary>
/// The Unicode properties that .NET lacks without ICU, in the versions that Hugging Face's tokenizers 0.22 uses. generate.py lists these
/// versions.
/// </summary>
internal sealed class UnicodeData
{
    private const string ResourceName = "unicode.bin";

    private static readonly Lazy<UnicodeData> Loaded = new(() => new UnicodeData());

    private readonly Dictionary<int, int[]> _canonical;
    private readonly Dictionary<int, int[]> _compatible;
    private readonly Dictionary<long, int> _compositions;
    private readonly Dictionary<int, byte> _combiningClasses;
    private readonly Dictionary<int, byte> _scripts;
    private readonly Dictionary<string, int> _scriptNames = new(StringComparer.OrdinalIgnoreCase);

    private UnicodeData()
    {
        using var stream = typeof(UnicodeData).Assembly.GetManifestResourceStream(ResourceName)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var reader = new UnicodeReader(bytes);
        _canonical = reader.ReadStrings();
        _compatible = reader.ReadStrings();
        _compositions = reader.ReadStrings().ToDictionary(pair => PairKey(pair.Value[0], pair.Value[1]), pair => pair.Key);
        _combiningClasses = reader.ReadMap();
        CombiningMarks = reader.ReadSet();
        NonspacingMarks = reader.ReadSet();
        Punctuation = reader.ReadSet();
        Other = reader.ReadSet();
        var names = reader.ReadStrings();
        for (var index = 0; index < names.Count; index++)
            _scriptNames.Add(string.Concat(names[index].Select(code => (char)code)), index + 1);
        _scripts = reader.ReadMap();
        Assigned = reader.ReadSet();
        Alphabetic = reader.ReadSet();
    }

    public static UnicodeData Instance => Loaded.Value;

    /// <summary>Categories Mn, Mc and Me of Unicode 9.</summary>
    public CodePointSet CombiningMarks { get; }

    /// <summary>Category Mn of Unicode 8.</summary>
    public CodePointSet NonspacingMarks { get; }

    /// <summary>Categories P* of Unicode 8.</summary>
    public CodePointSet Punctuation { get; }

    /// <summary>Categories Cc, Cf and Co of Unicode 8.</summary>
    public CodePointSet Other { get; }

    /// <summary>The characters that Unicode 9 assigns.</summary>
    public CodePointSet Assigned { get; }

    /// <summary>
    /// Letters and other alphabetic characters of Unicode 14, and other characters that became alphabetic in Unicode 15 and 16.
    /// </summary>
    public CodePointSet Alphabetic { get; }

    /// <summary>Returns the canonical combining class, which is zero for most characters.</summary>
    public int CombiningClass(int code) => code < 0x300 ? 0 : _combiningClasses.GetValueOrDefault(code);

    /// <summary>
    /// Returns the number of a character's script in Unicode 16; zero for unassigned characters and for scripts that are newer than
    /// Unicode 14.
    /// </summary>
    public int GetScript(int code) => _scripts.GetValueOrDefault(code);

    /// <summary>Returns the number of the script with a long name, such as Greek; zero when there is none.</summary>
    public int FindScript(string name) => _scriptNames.GetValueOrDefault(name);

    /// <summary>Returns the full decomposition; null for a character without one, and for Hangul syllables.</summary>
    /// <param name="isCompatible">Whether to prefer the compatibility decomposition.</param>
    public int[]? Decompose(int code, bool isCompatible) =>
        code < 0xA0 ? null
        : isCompatible && _compatible.TryGetValue(code, out var compatible) ? compatible
        : _canonical.GetValueOrDefault(code);

    /// <summary>Composes two characters; -1 when they form no character.</summary>
    public int Compose(int first, int second) =>
        Hangul.Compose(first, second) is >= 0 and var syllable ? syllable : _compositions.GetValueOrDefault(PairKey(first, second), -1);

    private static long PairKey(int first, int second) => ((long)first << 32) | (uint)second;
}
