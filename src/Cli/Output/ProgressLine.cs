using Inference;

namespace Cli.Output;

/// <summary>
/// Writes the progress of a command to stderr, with its rate and the remaining time. A terminal shows one line, which is overwritten. A
/// pipe or a file gets one line without a bar when the total is reached.
/// </summary>
/// <param name="operation">The operation, as in "pushing iris/2".</param>
/// <param name="total">The amount at which the operation is complete. If this is 0, nothing is written.</param>
/// <param name="unit">The unit of the amounts, in the singular, such as "item"; <see cref="ByteUnit"/> for sizes.</param>
internal sealed class ProgressLine(string operation, long total, string unit) : IDisposable
{
    public const string ByteUnit = "byte";

    private const int BarWidth = 30;

    /// <summary>The minimum width of the bar, because a shorter bar shows too little.</summary>
    private const int MinBarWidth = 6;

    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private long _done;
    private long _skipped;
    private long _lastDrawn;

    /// <summary>Whether only a terminal shows the progress. A pipe or a file then gets no line.</summary>
    public bool IsTerminalOnly { get; init; }

    /// <summary>The amount that was complete before the operation started.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>
    /// Adds an amount that was complete before the operation started. The amount counts as done, but not for the rate.
    /// </summary>
    public void Skip(long count)
    {
        Interlocked.Add(ref _skipped, count);
        Add(count);
    }

    /// <summary>Adds a completed amount.</summary>
    public void Add(long count)
    {
        if (total == 0)
            return;
        lock (_lock)
        {
            var before = _done;
            var done = _done += count;
            if (_isTerminal && IsDue(done))
                Draw(done);
            else if (!_isTerminal && !IsTerminalOnly && before < total && done >= total)
                Console.Error.WriteLine($"{operation}: {FormatAmount(total)} {FormatRate(done)}");
        }
    }

    public void Dispose()
    {
        if (_isTerminal && _lastDrawn != 0)
            Console.Error.WriteLine();
    }

    private bool IsDue(long done) => done >= total || _lastDrawn == 0 || TimeProvider.System.GetElapsedTime(_lastDrawn) >= DrawInterval;

    private void Draw(long done)
    {
        _lastDrawn = TimeProvider.System.GetTimestamp();
        var amounts = $"{done * 100 / total}% {FormatAmount(done)}/{FormatAmount(total)} {FormatRate(done)}".TrimEnd();
        SafeConsole.ReplaceLine($"{operation} {FormatBar(done, amounts.Length)}{amounts}");
    }

    /// <summary>
    /// Returns the bar, or an empty text when there is no room. The bar is shorter on a narrow terminal, because a wrapped line cannot be
    /// overwritten.
    /// </summary>
    private string FormatBar(long done, int amountsLength)
    {
        // The other 5 characters of the line are two brackets, two spaces, and the last column, which stays free.
        var width = Terminal.ErrorWidth is { } columns ? Math.Min(BarWidth, columns - operation.Length - amountsLength - 5) : BarWidth;
        return width < MinBarWidth ? "" : $"[{new string('#', (int)(width * done / total)).PadRight(width, '.')}] ";
    }

    private string FormatRate(long done)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(_start);
        var doneSinceStart = done - Skipped;
        if (done >= total)
            return $"in {(elapsed.TotalSeconds < 60 ? $"{elapsed.TotalSeconds:0.0} s" : HumanTime.FormatSpan(elapsed))}";
        if (doneSinceStart <= 0 || elapsed <= TimeSpan.Zero)
            return "";
        var rate = doneSinceStart / elapsed.TotalSeconds;
        return $"{FormatAmount((long)rate)}/s, {HumanTime.FormatSpan(TimeSpan.FromSeconds((total - done) / rate))} left";
    }

    private string FormatAmount(long count) => unit == ByteUnit ? Sizes.Format(count) : Counted.Text(count, unit);
}
