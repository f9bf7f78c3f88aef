using System.Net;
using System.Text;
using System.Text.Json;
using Functions.Tests.Http;
using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Host;

/// <summary>Starts the real executable under the host double.</summary>
internal static class HostedApp
{
    public const string Slow = "/v2/models/slow/infer";

    public static Task<FunctionsHostDouble> StartAsync(FunctionsHostOptions? options = null, params (string Name, string Value)[] settings)
    {
        options ??= new FunctionsHostOptions();
        return FunctionsHostDouble.StartAsync(
            FunctionsProcess.Executable,
            options with
            {
                Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value),
                // The host sends a collection only to a worker that declares the capability. Microsoft's worker does not declare it.
                LoadsAsCollection = options.LoadsAsCollection && !FunctionsProcess.IsOfficial,
            });
    }

    public static Task<HttpResponseMessage> PostAsync(
        this FunctionsHostDouble host, string path, string json, CancellationToken cancellationToken = default) =>
        host.Client.PostAsync(
            new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"), cancellationToken);

    /// <summary>
    /// Posts JSON, checks for status 200, and returns the JSON of the response. A request that is refused for overload is repeated, because
    /// on a busy machine the callers of a test may exceed what the app can do. No other refusal is repeated.
    /// </summary>
    public static async Task<JsonElement> PostJsonAsync(this FunctionsHostDouble host, string path, string json)
    {
        var (status, text) = (HttpStatusCode.OK, "");
        await host.WaitUntilAsync(async () =>
        {
            using var response = await host.PostAsync(path, json);
            (status, text) = (response.StatusCode, await response.Content.ReadAsStringAsync());
            return !response.IsOverloaded();
        });
        Assert.True(status == HttpStatusCode.OK, $"{status} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Waits for a condition that the app brings about. The app sends no signal, so the condition is polled.</summary>
    public static async Task WaitUntilAsync(this FunctionsHostDouble host, Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, host.Output);
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>Sends DELETE, checks for status 200, and returns the JSON of the response.</summary>
    public static async Task<JsonElement> DeleteAsync(this FunctionsHostDouble host, Uri path)
    {
        using var response = await host.Client.DeleteAsync(path);
        return await ReadAsync(response);
    }

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Returns the first digit of the shipped test set, and its features.</summary>
    public static (int Label, string Features) ReadDigit()
    {
        var line = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "models", "recipes", "digits-test.csv")).First();
        var comma = line.IndexOf(',', StringComparison.Ordinal);
        return (int.Parse(line[..comma], System.Globalization.CultureInfo.InvariantCulture), line[(comma + 1)..]);
    }

    /// <summary>Returns a request that runs for the given number of iterations and returns 5.</summary>
    public static string SlowBody(long iterations) =>
        $"{{\"inputs\":[{{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[5]}},{{\"name\":\"n\",\"shape\":[],\"datatype\":\"INT64\",\"data\":[{iterations}]}}]}}";

    public static void AssertIsFive(JsonElement response) =>
        Assert.Equal("[5]", response.GetProperty("outputs")[0].GetProperty("data").ToString());
}
