namespace Functions.Worker.Hosting;

/// <summary>Whether the app is still starting. Until then <see cref="FunctionsHost"/> reports a failure, and the log does not.</summary>
internal sealed class StartupPhase
{
    private volatile bool _isOver;

    public bool IsOver => _isOver;

    public void End() => _isOver = true;
}
