using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting.Telemetry;

/// <summary>Sends traces, metrics and logs to Application Insights. APPLICATIONINSIGHTS_CONNECTION_STRING turns this export on.</summary>
internal static class ApplicationInsightsExport
{
    private const string ConnectionString = "APPLICATIONINSIGHTS_CONNECTION_STRING";

    /// <summary>
    /// The setting for authentication, in the format of the Functions host: <c>Authorization=AAD</c>, and <c>ClientId=...</c> for a
    /// user-assigned identity.
    /// </summary>
    private const string Authentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    public static bool IsConfigured(IConfiguration configuration) => configuration[ConnectionString] is { Length: > 0 };

    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        services.AddApplicationInsightsTelemetryWorkerService(options =>
        {
            options.ConnectionString = configuration[ConnectionString];
            options.Credential = ReadCredential(configuration[Authentication]);
            options.ApplicationVersion = ServerIdentity.Version;
            // Live metrics need a connection of their own, and performance counters duplicate .NET's own metrics.
            options.EnableQuickPulseMetricStream = false;
            options.EnablePerformanceCounterCollectionModule = false;
        });
        services.AddOpenTelemetry().AddSources(configuration);
    }

    private static ManagedIdentityCredential? ReadCredential(string? text)
    {
        var parts = (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (!parts.Contains("Authorization=AAD", StringComparer.OrdinalIgnoreCase))
            return null;
        const string ClientId = "ClientId=";
        var client = Array.Find(parts, part => part.StartsWith(ClientId, StringComparison.OrdinalIgnoreCase));
        return new ManagedIdentityCredential(client is null
            ? ManagedIdentityId.SystemAssigned
            : ManagedIdentityId.FromUserAssignedClientId(client[ClientId.Length..]));
    }
}
