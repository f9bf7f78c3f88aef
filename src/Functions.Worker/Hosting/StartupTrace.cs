using System.Diagnostics;
using System.Globalization;

namespace Functions.Worker.Hosting;

/// <summary>
/// The stages of a start, one line each on stderr with the milliseconds since the process began (to about 10 ms, which is how
/// well the system knows that). Does nothing unless --startup-trace asks for it.
/// </summary>
internal sealed class StartupTrace(bool isOn)
{
    private readonly DateTimeOffset _processStart = isOn ? Process.GetCurrentProcess().StartTime : default;
    private int _isOver;

    public bool IsOn => isOn;

    public void Mark(string stage)
    {
        if (!isOn)
            return;

        var milliseconds = (TimeProvider.System.GetUtcNow() - _processStart).TotalMilliseconds;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"startup {milliseconds,6:F0} ms  {stage}"));
    }

    /// <summary>The last stage, of which there is only a first time.</summary>
    public void End(string stage)
    {
        if (isOn && Interlocked.Exchange(ref _isOver, 1) == 0)
            Mark(stage);
    }
}
