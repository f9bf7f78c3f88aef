using Functions.Worker.Protocol;

namespace Functions.Worker.Host;

/// <summary>
/// The state of a worker that waits for its app's settings. A platform may start such a worker early, with WEBSITE_PLACEHOLDER_MODE set to
/// 1. The host later sends the app's settings in the message FunctionEnvironmentReload.
/// </summary>
internal sealed class Placeholder
{
    private readonly TaskCompletionSource _hasSettings = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Placeholder()
    {
        if (Environment.GetEnvironmentVariable("WEBSITE_PLACEHOLDER_MODE") != "1")
            _hasSettings.SetResult();
    }

    /// <summary>Whether the app's settings are missing.</summary>
    public bool IsWaiting => !_hasSettings.Task.IsCompleted;

    /// <summary>Blocks until the app's settings are environment variables. Call this before any setting is read.</summary>
    public void WaitForSettings() => _hasSettings.Task.GetAwaiter().GetResult();

    /// <summary>
    /// Sets the app's settings as environment variables. Later messages have no effect, because the worker reads its settings only once.
    /// </summary>
    public void ApplySettings(FunctionEnvironmentReloadRequest request)
    {
        if (!IsWaiting)
            return;
        foreach (var (name, value) in request.EnvironmentVariables)
            Environment.SetEnvironmentVariable(name, value);
        _hasSettings.TrySetResult();
    }
}
