using System.Globalization;

namespace Inference.Models.Settings.Versions;

/// <summary>A version by its number, or by a label that points at one.</summary>
public readonly record struct VersionRef
{
    public VersionRef(long number) => Number = number;

    public VersionRef(string label) => Label = label;

    /// <summary>From 1; 0 when it is a label.</summary>
    public long Number { get; }

    public string? Label { get; }

    /// <summary>The characters of a model name, but not digits only: those are a number.</summary>
    public static bool IsLabel(string? text) => ModelName.TryParse(text, out _) && text.AsSpan().ContainsAnyExceptInRange('0', '9');

    /// <summary>The number meant; null when the label is not defined.</summary>
    public long? Resolve(IReadOnlyDictionary<string, long> labels) =>
        Label is null ? Number : labels.TryGetValue(Label, out var number) ? number : null;

    /// <summary>Returns the text that <c>model.json</c> has for it, for messages.</summary>
    public override string ToString() => Label is null ? Number.ToString(CultureInfo.InvariantCulture) : $"\"{Label}\"";
}
