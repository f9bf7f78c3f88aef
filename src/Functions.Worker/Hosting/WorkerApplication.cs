using Functions.Worker.Registry;

namespace Functions.Worker.Hosting;

/// <summary>Creates an app that this engine runs.</summary>
public static class WorkerApplication
{
    /// <summary>Creates the builder of the app. Ends the process when the arguments request something other than serving.</summary>
    public static WorkerApplicationBuilder CreateBuilder(string[] args)
    {
        var signals = new EarlySignals();
        MetadataVerb.RunIfRequested(args, FunctionRegistry.Functions);
        HealthCheckVerb.RunIfRequested(args);
        return new(args, AppContext.BaseDirectory, FunctionRegistry.Functions) { Signals = signals };
    }
}
