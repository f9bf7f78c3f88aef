namespace Functions.Worker.Hosting;

/// <summary>
/// Records the end of the app's start. During the start, <see cref="WorkerHost"/> reports failures, and the log does not.
/// </summary>
internal sealed class StartupPhase
{
    private volatile bool _isOver;

    public bool IsOver => _isOver;

    public void End() => _isOver = true;
}
