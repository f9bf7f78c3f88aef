using Functions.Worker.Protocol;

namespace Functions.Worker.Host;

/// <summary>
/// The time before a worker has an app. A platform may start a worker early, with the setting WEBSITE_PLACEHOLDER_MODE. Its host then
/// sends the app's settings with FunctionEnvironmentReload.
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

    /// <summary>Blocks until the app's settings are environment variables. The main thread calls it before it reads any setting.</summary>
    public void WaitForSettings() => _hasSettings.Task.GetAwaiter().GetResult();

    /// <summary>Makes the settings environment variables. A worker that has its settings keeps them, because it reads them once.</summary>
    public void Take(FunctionEnvironmentReloadRequest request)
    {
        if (!IsWaiting)
            return;
        foreach (var (name, value) in request.EnvironmentVariables)
            Environment.SetEnvironmentVariable(name, value);
        _hasSettings.TrySetResult();
    }
}
