namespace Inference.Text;

/// <summary>Shortens a text that a message quotes.</summary>
internal static class Excerpt
{
    private const int Longest = 200;

    public static string Shorten(string text) => text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "...");
}
