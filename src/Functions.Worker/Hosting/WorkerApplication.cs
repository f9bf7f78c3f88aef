using Functions.Worker.Registry;

namespace Functions.Worker.Hosting;

/// <summary>
/// Creates an app that runs on this worker instead of Microsoft's. The documentation calls this worker the native engine.
/// </summary>
public static class WorkerApplication
{
    /// <summary>
    /// Creates the builder of the app. With the argument <c>--functions-metadata</c> or <c>--health-check</c>, this method instead performs
    /// that task and ends the process.
    /// </summary>
    /// <param name="args">The arguments of the program: settings, switches, and the arguments of a Functions host.</param>
    public static WorkerApplicationBuilder CreateBuilder(string[] args)
    {
        var signals = new EarlySignals();
        MetadataOption.RunIfRequested(args, FunctionRegistry.Functions);
        HealthCheckOption.RunIfRequested(args);
        return new(args, AppContext.BaseDirectory, FunctionRegistry.Functions) { Signals = signals };
    }
}
