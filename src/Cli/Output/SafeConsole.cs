using System.Text;

namespace Cli.Output;

/// <summary>
/// Makes all output safe for a terminal. After <see cref="Install"/>, stdout and stderr escape each text with <see cref="Printable"/>. A
/// text that is written as one line stays one line.
/// </summary>
internal static class SafeConsole
{
    private static TextWriter _output = TextWriter.Null;
    private static TextWriter _errors = TextWriter.Null;

    /// <summary>Replaces stdout and stderr.</summary>
    /// <returns>
    /// A writer to stdout for the program's own texts, such as help. This writer keeps line breaks inside a written text.
    /// </returns>
    public static TextWriter Install()
    {
        (_output, _errors) = (OpenOutput(), Console.Error);
        var ownTexts = new EscapingWriter(_output, keepsLineBreaks: true);
        Console.SetOut(new EscapingWriter(_output, keepsLineBreaks: false));
        Console.SetError(new EscapingWriter(_errors, keepsLineBreaks: false));
        return ownTexts;
    }

    /// <summary>Writes a line of styled texts on stdout.</summary>
    public static void WriteLine(params IEnumerable<StyledText> parts)
    {
        if (Terminal.HasColor)
            _output.WriteLine(string.Concat(parts.Select(part => part.ToTerminal())));
        else
            Console.Out.WriteLine(string.Concat(parts.Select(part => part.Text)));
    }

    /// <summary>Writes sentences to stdout, wrapped to <see cref="Terminal.Width"/>; without a width, as one line.</summary>
    public static void WriteText(string text)
    {
        foreach (var line in Wrap(text, Terminal.Width))
            Console.Out.WriteLine(line);
    }

    /// <summary>
    /// Writes an error to stderr, wrapped to the width of the terminal. The error of a server can have several lines. All lines after the
    /// first are indented, so that none of them looks like an error of inferctl.
    /// </summary>
    public static void WriteError(string message)
    {
        const string Name = "inferctl:";
        const string Indent = "    ";
        List<string> lines = [.. message.Trim().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
        var isFirst = true;
        foreach (var line in Wrap($"{Name} {lines.FirstOrDefault()}", Terminal.ErrorWidth))
        {
            if (isFirst && Terminal.ErrorHasColor)
                _errors.WriteLine(new StyledText(Name, Style.Bad).ToTerminal() + Printable.EscapeLine(line[Name.Length..]));
            else
                Console.Error.WriteLine(line);
            isFirst = false;
        }

        foreach (var line in lines.Skip(1).SelectMany(line => Wrap(line, Terminal.ErrorWidth - Indent.Length)))
            Console.Error.WriteLine(Indent + line);
    }

    /// <summary>Overwrites the current line of the terminal on stderr.</summary>
    public static void ReplaceLine(string text)
    {
        _errors.Write($"\r{Printable.EscapeLine(text)}\e[K");
        _errors.Flush();
    }

    /// <summary>Returns stdout. If the parent process has closed stdout, returns a writer whose writes throw.</summary>
    private static TextWriter OpenOutput()
    {
        try
        {
            return Console.Out;
        }
        catch (Exception e) when (FileFailure.Matches(e))
        {
            return new ClosedWriter();
        }
    }

    private static IEnumerable<string> Wrap(string text, int? width) =>
        width is { } maxWidth ? LineWrap.Split(Printable.EscapeLine(text), maxWidth) : [text];

    /// <summary>Replaces a closed stdout. It throws only on a write, so a command that prints nothing still works.</summary>
    private sealed class ClosedWriter : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) =>
            throw new IOException("Nothing can be printed, because stdout is closed. Redirect it to a file, or to /dev/null.");
    }

    private sealed class EscapingWriter(TextWriter inner, bool keepsLineBreaks) : TextWriter
    {
        private readonly Lock _lock = new();

        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_lock)
                inner.Write(Printable.EscapeLines(buffer));
        }

        public override void WriteLine()
        {
            lock (_lock)
                inner.WriteLine();
        }

        public override void WriteLine(string? value)
        {
            lock (_lock)
                inner.WriteLine(keepsLineBreaks ? Printable.EscapeLines(value) : Printable.EscapeLine(value ?? ""));
        }

        public override void WriteLine(char value) => WriteLine(value.ToString());

        public override void WriteLine(char[] buffer, int index, int count) => WriteLine(new string(buffer, index, count));

        public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

        public override void Flush() => inner.Flush();
    }
}
