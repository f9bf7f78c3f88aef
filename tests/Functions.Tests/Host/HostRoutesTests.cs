using System.Text;
using System.Text.RegularExpressions;
using Functions.Worker.TestHost;

namespace Functions.Tests.Host;

/// <summary>
/// A host tries routes in the order of the functions' names, and the standalone server prefers the most specific route. The app must behave
/// the same under both, so no function may match the requests of another function in either order.
/// </summary>
public sealed partial class HostRoutesTests
{
    private static readonly IComparer<string> Backwards = Comparer<string>.Create(static (x, y) => StringComparer.Ordinal.Compare(y, x));

    [Fact]
    public async Task Routes_EveryFunctionInBothOrders_TakesItsOwnRequestsOnly()
    {
        await using var host = await HostedApp.StartAsync();

        foreach (var order in (IComparer<string>[])[StringComparer.Ordinal, Backwards])
        {
            var routes = new HostRoutes(host.Functions, host.RoutePrefix, order);
            foreach (var (function, method, path) in Requests(host))
                Assert.Equal(function, routes.Match(method, path)?.Name);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_ToEveryFunction_AreAnsweredAsStandalone(bool backwards)
    {
        await using var host = await HostedApp.StartAsync(new() { RouteOrder = backwards ? Backwards : StringComparer.Ordinal });
        await using var standalone = await FunctionsProcess.StartAsync();
        // A server is not ready before it has read its store, so the test waits for both servers.
        await standalone.WaitUntilReadyAsync();
        await host.WaitUntilAsync(async () =>
        {
            using var ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return ready.IsSuccessStatusCode;
        });

        foreach (var (function, method, path) in Requests(host))
        {
            var expected = await AnswerAsync(standalone.Client, method, path);
            Assert.Equal((function, expected), (function, await AnswerAsync(host.Client, method, path)));
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/nowhere")]
    [InlineData("/models/digits/predict/more")]
    [InlineData("/api/models")]
    public async Task Request_NoFunctionTakes_Is404FromTheHost(string path)
    {
        await using var host = await HostedApp.StartAsync();

        using var response = await host.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(404, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("..%2f..%2fetc")]
    [InlineData("%2e%2e%2fsecret")]
    [InlineData("..%5csecret")]
    [InlineData("a%20b")]
    public async Task Predict_OddName_IsAnsweredAsStandalone(string name)
    {
        await using var host = await HostedApp.StartAsync();
        await using var standalone = await FunctionsProcess.StartAsync();

        var path = $"/models/{name}/predict";

        Assert.Equal(await AnswerAsync(standalone.Client, "POST", path), await AnswerAsync(host.Client, "POST", path));
    }

    /// <summary>Returns a request for each method of each function, with an existing model.</summary>
    private static IEnumerable<(string Function, string Method, string Path)> Requests(FunctionsHostDouble host) =>
        from function in host.Functions
        where function.IsHttp
        from method in function.Methods
        let route = Parameter().Replace(function.Route, match => match.Groups[1].Value switch
        {
            "model" => "digits",
            _ => "1",
        })
        select (function.Name, method.ToUpperInvariant(), $"/{host.RoutePrefix}/{route}".Replace("//", "/", StringComparison.Ordinal));

    /// <summary>
    /// Returns the status and the content type, and the body of an error. The bodies of successes contain times and ids, which differ.
    /// </summary>
    private static async Task<string> AnswerAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return $"{(int)response.StatusCode} {response.Content.Headers.ContentType} {(response.IsSuccessStatusCode ? "" : body)}";
    }

    [GeneratedRegex(@"\{\*{0,2}(\w+)[^}]*\}")]
    private static partial Regex Parameter();
}
