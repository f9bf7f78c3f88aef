namespace Functions.Tests.Telemetry;

/// <summary>The Application Insights exporter against a double of its service.</summary>
public sealed class ApplicationInsightsTests
{
    [Fact]
    public async Task ConnectionString_IsSet_PredictionsAreSentThere()
    {
        using var folder = new ModelFolder();
        folder.WriteScaling("scaling", 1, 2);
        await using var service = await OtlpReceiver.StartAsync();
        await using var process = await folder.ServeAsync(
            ("APPLICATIONINSIGHTS_CONNECTION_STRING",
                $"InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint={service.Address}/"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"));
        await process.WaitForOutputAsync("Telemetry is sent to Application Insights");

        // Application Insights takes some five traces a second, by chance: sooner or later one of these.
        await service.UntilAsync(
            async () =>
            {
                await process.AskAsync("/models/scaling/predict", "{\"features\":[1,0,0,0]}");
                return service.Text.Contains("predict", StringComparison.Ordinal);
            },
            () => service.Text);
        process.Terminate();
        await process.WaitForExitAsync();

        // What waits is sent before the end.
        Assert.Contains("inference.requests", service.Text, StringComparison.Ordinal);
    }
}
