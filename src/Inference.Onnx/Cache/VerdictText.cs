using System.Globalization;
using Inference.Models.Contracts;

namespace Inference.Onnx.Cache;

/// <summary>
/// Formats a <see cref="BatchVerdict"/> as one word. For example, <c>proven/1/0,-1/0</c> has the revision 1. The items are on axis 0 of the
/// first input and of the output, and -1 marks an input that all items share. <c>not/1/{reason}</c> contains the revision and the escaped
/// reason.
/// </summary>
internal static class VerdictText
{
    /// <summary>
    /// Increase this number with every change of the rules of the proof or the measurement. Verdicts of other revisions are not used.
    /// </summary>
    private const int Revision = 1;

    private const string None = "-";
    private const string Proven = "proven";
    private const string NotProven = "not";
    private const char Separator = '/';

    /// <param name="verdict">The verdict of a completed examination, or null.</param>
    public static string Format(BatchVerdict? verdict) => verdict switch
    {
        { Layout: { } layout } => string.Create(
            CultureInfo.InvariantCulture, $"{Proven}/{Revision}/{string.Join(',', layout.Inputs)}/{string.Join(',', layout.Outputs)}"),
        { Reason: { } reason } => string.Create(CultureInfo.InvariantCulture, $"{NotProven}/{Revision}/{Uri.EscapeDataString(reason)}"),
        _ => None,
    };

    /// <param name="verdict">Receives the verdict; null when the text has none, or has a verdict of another revision.</param>
    /// <returns>False when the text is malformed.</returns>
    public static bool TryParse(string text, out BatchVerdict? verdict)
    {
        verdict = null;
        if (text == None)
            return true;
        var fields = text.Split(Separator);
        if (fields.Length < 3 || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            return false;
        if (revision != Revision)
            return fields[0] is Proven or NotProven;
        if (fields is [NotProven, _, { Length: > 0 } reason])
            verdict = BatchVerdict.NotProven(Uri.UnescapeDataString(reason));
        else if (fields is [Proven, _, var inputs, var outputs])
            verdict = ParseLayout(inputs, outputs) is { } layout ? BatchVerdict.Proven(layout) : null;
        return verdict is not null;
    }

    private static BatchLayout? ParseLayout(string inputs, string outputs) =>
        ParseAxes(inputs, BatchLayout.Shared) is { } inputAxes && ParseAxes(outputs, 0) is { } outputAxes
            ? new BatchLayout([.. inputAxes], [.. outputAxes])
            : null;

    private static List<int>? ParseAxes(string text, int min)
    {
        var axes = new List<int>();
        foreach (var field in text.Split(','))
        {
            if (!int.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var axis) || axis < min)
                return null;
            axes.Add(axis);
        }

        return axes;
    }
}
