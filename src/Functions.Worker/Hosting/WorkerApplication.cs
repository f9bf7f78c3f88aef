using Functions.Worker.Registry;

namespace Functions.Worker.Hosting;

/// <summary>Creates an app that the native engine runs.</summary>
public static class WorkerApplication
{
    /// <summary>
    /// Creates the builder of the app. The switches <c>--functions-metadata</c> and <c>--health-check</c> run their task and end the
    /// process.
    /// </summary>
    /// <param name="args">The arguments of the program: settings, switches, and those of a Functions host.</param>
    public static WorkerApplicationBuilder CreateBuilder(string[] args)
    {
        var signals = new EarlySignals();
        MetadataVerb.RunIfRequested(args, FunctionRegistry.Functions);
        HealthCheckVerb.RunIfRequested(args);
        return new(args, AppContext.BaseDirectory, FunctionRegistry.Functions) { Signals = signals };
    }
}
