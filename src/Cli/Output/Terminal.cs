namespace Cli.Output;

/// <summary>Describes the targets of stdout and stderr: the width and the colors of a terminal, or a pipe or a file.</summary>
internal static class Terminal
{
    /// <summary>The minimum number of characters in a line. A smaller width is ignored, because it cannot be right.</summary>
    private const int MinWidth = 20;

    private const int DefaultWidth = 80;

    /// <summary>
    /// The maximum number of characters in a line on stdout: <c>COLUMNS</c>, or else the width of the terminal. Without <c>COLUMNS</c>,
    /// null for a pipe or a file, whose lines may have any length.
    /// </summary>
    public static int? Width { get; } = ReadColumns() ?? (Console.IsOutputRedirected ? null : ReadWindowWidth());

    /// <summary>The maximum number of characters in a line on stderr; null for a pipe or a file.</summary>
    public static int? ErrorWidth { get; } = Console.IsErrorRedirected ? null : ReadColumns() ?? ReadWindowWidth();

    /// <summary>Whether stdout shows colors: it is a terminal with colors, and <c>NO_COLOR</c> (https://no-color.org) is not set.</summary>
    public static bool HasColor { get; } = !Console.IsOutputRedirected && AllowsColor();

    /// <summary>Whether stderr shows colors.</summary>
    public static bool ErrorHasColor { get; } = !Console.IsErrorRedirected && AllowsColor();

    private static bool AllowsColor() =>
        GlobalOptions.ReadVariable("NO_COLOR") is null && Environment.GetEnvironmentVariable("TERM") != "dumb";

    private static int? ReadColumns() =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns >= MinWidth ? columns : null;

    private static int ReadWindowWidth()
    {
        try
        {
            return Console.WindowWidth is >= MinWidth and var width ? width : DefaultWidth;
        }
        catch (IOException)
        {
            // Windows throws when one of the standard streams is redirected.
            return DefaultWidth;
        }
    }
}
