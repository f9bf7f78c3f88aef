using System.Text;

namespace Cli.Output;

/// <summary>
/// Redirects the console, once <see cref="Install"/> was called, so that all printed text passes through <see cref="Printable"/>. A text
/// that is written as one line stays one line.
/// </summary>
internal static class SafeConsole
{
    private static TextWriter _errors = TextWriter.Null;

    /// <summary>Replaces stdout and stderr.</summary>
    /// <returns>Stdout for the program's own texts, whose lines may contain line breaks.</returns>
    public static TextWriter Install()
    {
        _errors = Console.Error;
        var texts = new Writer(Console.Out, keepsLineBreaks: true);
        Console.SetOut(new Writer(Console.Out, keepsLineBreaks: false));
        Console.SetError(new Writer(_errors, keepsLineBreaks: false));
        return texts;
    }

    /// <summary>Replaces the terminal's last line on stderr.</summary>
    public static void ReplaceLine(string text)
    {
        _errors.Write($"\r{Printable.Line(text)}\e[K");
        _errors.Flush();
    }

    private sealed class Writer(TextWriter inner, bool keepsLineBreaks) : TextWriter
    {
        private readonly Lock _lock = new();

        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_lock)
                inner.Write(Printable.Lines(buffer));
        }

        public override void WriteLine()
        {
            lock (_lock)
                inner.WriteLine();
        }

        public override void WriteLine(string? value)
        {
            lock (_lock)
                inner.WriteLine(keepsLineBreaks ? Printable.Lines(value) : Printable.Line(value ?? ""));
        }

        public override void WriteLine(char value) => WriteLine(value.ToString());

        public override void WriteLine(char[] buffer, int index, int count) => WriteLine(new string(buffer, index, count));

        public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

        public override void Flush() => inner.Flush();
    }
}
