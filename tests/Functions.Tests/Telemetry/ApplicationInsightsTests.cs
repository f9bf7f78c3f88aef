namespace Functions.Tests.Telemetry;

/// <summary>Tests the Application Insights exporter with a double of the service.</summary>
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

        // Application Insights samples about five traces per second, so the test sends requests until one is sampled.
        await service.UntilAsync(
            async () =>
            {
                await process.PostJsonAsync("/models/scaling/predict", "{\"features\":[1,0,0,0]}");
                return service.Text.Contains("predict", StringComparison.Ordinal);
            },
            () => service.Text);
        process.Terminate();
        await process.WaitForExitAsync();

        // Buffered telemetry is sent before the process ends.
        Assert.Contains("inference.requests", service.Text, StringComparison.Ordinal);
    }
}
