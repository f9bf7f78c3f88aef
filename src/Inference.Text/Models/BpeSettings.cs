namespace Inference.Text.Models;

/// <summary>The settings of byte-pair encoding, as tokenizer.json has them.</summary>
internal sealed record BpeSettings
{
    /// <summary>The token of unknown characters; null if they are dropped.</summary>
    public string? Unknown { get; init; }

    /// <summary>Whether unknown characters in a row become one token.</summary>
    public bool FusesUnknown { get; init; }

    /// <summary>Whether an unknown character becomes the tokens of its bytes, such as &lt;0xE2&gt;, if there are such tokens.</summary>
    public bool FallsBackToBytes { get; init; }

    /// <summary>Whether a word that is a token is that token, whatever the merges make of it.</summary>
    public bool IgnoresMerges { get; init; }

    /// <summary>What all characters of a word but the first begin with.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What the last character of a word ends with.</summary>
    public string Suffix { get; init; } = "";
}
