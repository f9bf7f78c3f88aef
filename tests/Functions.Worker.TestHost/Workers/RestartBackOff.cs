namespace Functions.Worker.TestHost.Workers;

/// <summary>
/// Decides when the host starts a new worker after the death of a worker. Two restarts are at least one interval apart. The host ends after
/// three deaths in a row, in which each death occurs within the window after the previous one.
/// </summary>
internal sealed class RestartBackOff(TimeProvider time)
{
    private const int MaxDeaths = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(30);

    private int _deaths;
    private long _lastDeath;
    private long? _lastRestart;

    /// <summary>Records a death. Returns the wait before the restart; null when the host ends instead.</summary>
    public TimeSpan? RecordDeath()
    {
        if (_deaths > 0 && time.GetElapsedTime(_lastDeath) > Window)
            _deaths = 0;
        _lastDeath = time.GetTimestamp();
        if (++_deaths >= MaxDeaths)
            return null;
        var wait = _lastRestart is { } last ? Interval - time.GetElapsedTime(last) : TimeSpan.Zero;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Records that a restarted worker is ready.</summary>
    public void RecordRestart() => _lastRestart = time.GetTimestamp();
}
