using System.Net;
using System.Text;
using System.Text.Json;
using Functions.Worker.TestHost;

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

    /// <summary>Posts JSON, checks for status 200, and returns the JSON of the response.</summary>
    public static async Task<JsonElement> PostJsonAsync(this FunctionsHostDouble host, string path, string json)
    {
        using var response = await host.PostAsync(path, json);
        return await ReadAsync(response);
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

    public static void AssertIsFive(JsonElement answer) =>
        Assert.Equal("[5]", answer.GetProperty("outputs")[0].GetProperty("data").ToString());
}
