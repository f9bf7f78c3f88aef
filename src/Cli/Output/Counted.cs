namespace Cli.Output;

/// <summary>Writes counts with their nouns.</summary>
internal static class Counted
{
    /// <returns>A text such as "1 model" or "2 models".</returns>
    public static string Text(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
