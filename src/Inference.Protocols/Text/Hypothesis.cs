namespace Inference.Protocols.Text;

/// <summary>
/// The sentence of a label in zero-shot classification. The sentence is created when it is needed, because a small request can have
/// thousands of long sentences.
/// </summary>
internal readonly record struct Hypothesis(string Template, string Label)
{
    public const string DefaultTemplate = "This example is {}.";

    /// <summary>The placeholder of the label in a template.</summary>
    public const string Placeholder = "{}";

    public int Length => Template.Length - Placeholder.Length + Label.Length;

    public string CreateText() => Template.Replace(Placeholder, Label, StringComparison.Ordinal);
}
