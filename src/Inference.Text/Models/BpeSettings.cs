namespace Inference.Text.Models;

/// <summary>The settings of byte-pair encoding in tokenizer.json.</summary>
internal sealed record BpeSettings
{
    /// <summary>The token for unknown characters; null when unknown characters are dropped.</summary>
    public string? Unknown { get; init; }

    /// <summary>Whether adjacent unknown characters become one token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether an unknown character becomes the tokens of its bytes, such as &lt;0xE2&gt;, if there are such tokens.</summary>
    public bool FallsBackToBytes { get; init; }

    /// <summary>Whether a word that is itself a token becomes that token without any merge.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>The prefix of all characters of a word except the first.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The suffix of the last character of a word.</summary>
    public string Suffix { get; init; } = "";
}
