using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Host;

/// <summary>The host double with a scripted worker, in a separate app folder.</summary>
internal sealed class HostDoubleScenario : IAsyncDisposable
{
    private readonly TempFolder _folder;

    private HostDoubleScenario(TempFolder folder, FunctionsHostDouble host, ScriptedWorker worker) =>
        (_folder, Host, Worker) = (folder, host, worker);

    public FunctionsHostDouble Host { get; }

    public ScriptedWorker Worker { get; }

    public static async Task<HostDoubleScenario> StartAsync(WorkerScript? script = null, FunctionsHostOptions? options = null)
    {
        var folder = new TempFolder();
        try
        {
            await File.WriteAllTextAsync(
                folder.Combine("host.json"),
                """{"version":"2.0","extensions":{"http":{"routePrefix":""},"queues":{"maxDequeueCount":3}}}""");
            ScriptedWorker? worker = null;
            var host = await FunctionsHostDouble.StartAsync(
                folder.Path, start => worker = ScriptedWorker.Start(start, script ?? new WorkerScript()), options);
            return new HostDoubleScenario(folder, host, worker!);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Ends the scenario, and returns the violations that the host double found, one per line.</summary>
    public async Task<string> EndAsync()
    {
        var found = await Assert.ThrowsAsync<WorkerViolationException>(async () => await Host.DisposeAsync());
        return found.Message;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Host.DisposeAsync();
        }
        finally
        {
            _folder.Dispose();
        }
    }
}
