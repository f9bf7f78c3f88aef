using System.Globalization;

namespace Inference.Models.Settings.Versions;

/// <summary>A version, by its number or by a label.</summary>
public readonly record struct VersionRef
{
    public VersionRef(long number) => Number = number;

    public VersionRef(string label) => Label = label;

    /// <summary>The number, from 1; 0 for a label.</summary>
    public long Number { get; }

    /// <summary>The label; null for a number.</summary>
    public string? Label { get; }

    /// <summary>Whether a text is a label: it has the form of a model name, and at least one character is not a digit.</summary>
    public static bool IsLabel(string? text) => ModelName.TryParse(text, out _) && text.AsSpan().ContainsAnyExceptInRange('0', '9');

    /// <summary>Returns the version number; null when the label is not defined.</summary>
    public long? Resolve(IReadOnlyDictionary<string, long> labels) =>
        Label is null ? Number : labels.TryGetValue(Label, out var number) ? number : null;

    /// <summary>Returns the version as <c>model.json</c> writes it, for messages.</summary>
    public override string ToString() => Label is null ? Number.ToString(CultureInfo.InvariantCulture) : $"\"{Label}\"";
}
