namespace Functions.Worker.Hosting;

/// <summary>
/// Implements <c>--health-check &lt;url&gt;</c>, which checks the health of a running server. Container images without curl use this option
/// for their health checks.
/// </summary>
internal static class HealthCheckOption
{
    private const string Name = "--health-check";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs the check and ends the process, if the arguments request a check. The exit code is 0 for a success status. Otherwise the exit
    /// code is 1, and stderr has the reason.
    /// </summary>
    public static void RunIfRequested(string[] args)
    {
        if (args is not [Name, var url])
            return;
        if (FindProblem(url) is { } problem)
        {
            Console.Error.WriteLine(problem);
            Environment.Exit(1);
        }

        Environment.Exit(0);
    }

    private static string? FindProblem(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
            return $"'{url}' is not an http:// address. Write an address such as http://127.0.0.1:7071/health/ready.";

        // No proxy: the proxy settings of the environment are meant for the app's calls to other machines.
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler) { Timeout = Timeout };
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
            return response.IsSuccessStatusCode ? null : $"{uri} responds with status {(int)response.StatusCode}.";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return $"{uri} does not respond: {e.Message}";
        }
    }
}
