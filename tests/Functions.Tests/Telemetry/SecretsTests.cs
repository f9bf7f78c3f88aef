using System.Net;
using System.Text;

namespace Functions.Tests.Telemetry;

/// <summary>Searches all responses, logs and telemetry of the real executable for planted secrets.</summary>
public sealed class SecretsTests
{
    private const string FunctionKey = "planted-function-key";
    private const string AdminKey = "planted-admin-key";
    private const string Signature = "planted-sas-signature";
    private const string Header = "planted-collector-token";
    private const string InstrumentationKey = "5eed5eed-0000-4000-8000-00000badcafe";

    private static readonly string AccountKey = Convert.ToBase64String("planted-account-key"u8);

    [Fact]
    public async Task Secrets_InSettingsAndRequests_AreInNoAnswerLogOrTelemetry()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        // No server listens at these addresses, so every access fails and reports an error.
        await using var process = await FunctionsProcess.StartAsync([
            ("Models__Source", $"https://127.0.0.1:1/planted/models?sv=2024-11-04&sig={Signature}"),
            ("AzureWebJobsStorage",
                $"DefaultEndpointsProtocol=http;AccountName=planted;AccountKey={AccountKey};BlobEndpoint=http://127.0.0.1:1/planted;QueueEndpoint=http://127.0.0.1:1/planted"),
            ("Keys__Function", FunctionKey),
            ("Keys__Admin", AdminKey),
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", $"InstrumentationKey={InstrumentationKey};IngestionEndpoint=http://127.0.0.1:1/"),
            ("OTEL_EXPORTER_OTLP_HEADERS", $"authorization={Header}"),
            ("Logging__LogLevel__Default", "Debug"),
            .. collector.Settings]);
        await process.WaitForOutputAsync("Telemetry is sent to Application Insights");
        await process.WaitForOutputAsync("cannot read queue");

        var responses = new StringBuilder();
        foreach (var path in (string[])["models", "models/iris", "models?code=wrong-key", "status", "jobs/a", "metrics", "health/ready"])
            responses.AppendLine(await AnswerAsync(process, HttpMethod.Get, path));
        foreach (var path in (string[])["models/iris/predict", "v2/models/iris/infer", "models/iris/jobs", "v2/repository/index",
            "v2/repository/models/iris/load"])
        {
            responses.AppendLine(await AnswerAsync(process, HttpMethod.Post, path));
        }

        await collector.UntilAsync(() => collector.Spans.Any(span => span.Name == "predict"), () => process.Output);
        await collector.UntilAsync(() =>
            collector.Bodies("/v1/logs").Any() && collector.Bodies("/v1/metrics").Any(), () => process.Output);

        Assert.Contains("503", responses.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"Keys__Admin\":\"(set)\"", responses.ToString(), StringComparison.Ordinal);
        foreach (var secret in (string[])[FunctionKey, AdminKey, Signature, AccountKey, Header, InstrumentationKey])
        {
            Assert.DoesNotContain(secret, responses.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(secret, process.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, collector.Text, StringComparison.Ordinal);
        }
    }

    private static async Task<string> AnswerAsync(FunctionsProcess process, HttpMethod method, string path)
    {
        var url = path.Contains("code=", StringComparison.Ordinal) ? $"/{path}" : $"/{path}?code={AdminKey}";
        using var request = new HttpRequestMessage(method, url);
        if (method == HttpMethod.Post)
            request.Content = new StringContent("{\"features\":[1,2,3,4]}", Encoding.UTF8, "application/json");
        using var response = await process.Client.SendAsync(request);
        Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
        return $"{(int)response.StatusCode} {response.Headers} {await response.Content.ReadAsStringAsync()}";
    }
}
