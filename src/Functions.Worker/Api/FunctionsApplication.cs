using Functions.Worker.Hosting;
using Functions.Worker.Registry;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where an app begins.</summary>
public static class FunctionsApplication
{
    public static FunctionsApplicationBuilder CreateBuilder(string[] args)
    {
        var signals = new EarlySignals();
        MetadataVerb.RunIfAsked(args, FunctionRegistry.Functions);
        HealthCheckVerb.RunIfAsked(args);
        return new(args, AppContext.BaseDirectory, FunctionRegistry.Functions) { Signals = signals };
    }
}
