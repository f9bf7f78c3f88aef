namespace Cli.Output;

/// <summary>The style of a text on a terminal. Pipes and files get plain text.</summary>
internal enum Style
{
    None,
    Bold,
    Good,
    Warning,
    Bad,
}

/// <summary>A text with its style.</summary>
internal readonly record struct StyledText(string Text, Style Style = Style.None)
{
    private const string Reset = "\e[0m";

    public static implicit operator StyledText(string text) => new(text);

    /// <summary>Returns the state of a version or a job, with a style that shows whether the state is good.</summary>
    public static StyledText ForState(string state) => new(state, state switch
    {
        "ready" or "succeeded" => Style.Good,
        "loading" or "unloading" or "queued" or "running" or "cancelled" => Style.Warning,
        "failed" => Style.Bad,
        _ => Style.None,
    });

    /// <summary>Returns the text between the escape sequences of its style (ECMA-48).</summary>
    public string ToTerminal()
    {
        var text = Printable.EscapeLine(Text);
        return text.Length == 0 ? "" : Style switch
        {
            Style.Bold => $"\e[1m{text}{Reset}",
            Style.Good => $"\e[32m{text}{Reset}",
            Style.Warning => $"\e[33m{text}{Reset}",
            Style.Bad => $"\e[31m{text}{Reset}",
            Style.None => text,
        };
    }
}
