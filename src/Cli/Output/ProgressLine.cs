namespace Cli.Output;

/// <summary>
/// Shows the progress of a command and its remaining time on stderr. On a terminal it is one line that is overwritten, elsewhere a line for
/// each tenth.
/// </summary>
internal sealed class ProgressLine(string what, long total, string unit) : IDisposable
{
    public const string ByteUnit = "bytes";

    private const int Width = 30;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly bool _terminal = !Console.IsErrorRedirected;
    private long _done;
    private long _skipped;
    private long _shown;
    private long _tenths;

    /// <summary>The amount that was complete before the start.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>Adds an amount that was complete before the start. It counts as done but does not affect the speed.</summary>
    public void Skip(long count)
    {
        Interlocked.Add(ref _skipped, count);
        Add(count);
    }

    public void Add(long count)
    {
        var done = Interlocked.Add(ref _done, count);
        if (total == 0)
            return;
        lock (_lock)
        {
            if (_terminal ? IsDue(done) : done * 10 / total > _tenths)
                Write(done);
        }
    }

    public void Dispose()
    {
        if (_terminal && _shown != 0)
            Console.Error.WriteLine();
    }

    private bool IsDue(long done) => done >= total || _shown == 0 || TimeProvider.System.GetElapsedTime(_shown) >= Pause;

    private void Write(long done)
    {
        _shown = TimeProvider.System.GetTimestamp();
        _tenths = done * 10 / total;
        var filled = (int)(Width * done / total);
        var bar = new string('#', filled).PadRight(Width, '.');
        var text = $"{what} [{bar}] {done * 100 / total}% {Amount(done)}/{Amount(total)} {TimeLeft(done)}";
        if (_terminal)
            SafeConsole.ReplaceLine(text);
        else
            Console.Error.WriteLine(text);
    }

    private string TimeLeft(long done)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(_start);
        var fresh = done - Skipped;
        return done >= total ? $"in {elapsed.TotalSeconds:0.0} s"
            : fresh <= 0 ? ""
            : $"{elapsed.TotalSeconds * (total - done) / fresh:0} s left";
    }

    private string Amount(long count) => unit == ByteUnit ? Sizes.Text(count) : $"{count} {unit}";
}
