namespace Functions.Worker.Hosting;

/// <summary>Whether the app is still starting, for the log: a failure until then is reported by <see cref="FunctionsHost"/>.</summary>
internal sealed class StartupPhase
{
    private volatile bool _isOver;

    public bool IsOver => _isOver;

    public void End() => _isOver = true;
}
