using System.Net;
using System.Net.Sockets;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Hosting;

/// <summary>Tests <c>--health-check</c> as a container's health check runs it: in a second process beside the server.</summary>
public sealed class HealthCheckOptionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task HealthCheck_ServerAnswers_ExitsWithZero()
    {
        using var server = new AppProcess(_folder, "--urls", "http://127.0.0.1:0");
        var address = await AnsweringAsync(server);

        var (code, _, errors) = await CheckAsync(new Uri(address, "/api/ping").ToString());

        Assert.Equal((0, ""), (code, errors));
    }

    [Fact]
    public async Task HealthCheck_ServerAnswersAnError_ExitsWithOneAndReportsTheError()
    {
        using var server = new AppProcess(_folder, "--urls", "http://127.0.0.1:0");
        var address = await AnsweringAsync(server);

        var (code, _, errors) = await CheckAsync(new Uri(address, "/nowhere").ToString());

        Assert.Equal(1, code);
        Assert.Contains("404", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HealthCheck_NothingListens_ExitsWithOneAndNamesTheAddress()
    {
        // The socket is bound but does not listen, so no other process gets the port, and connections to it are refused.
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = $"http://127.0.0.1:{((IPEndPoint)reserved.LocalEndPoint!).Port}/health/live";

        var (code, _, errors) = await CheckAsync(address);

        Assert.Equal(1, code);
        Assert.Contains(address, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("health/live")]
    [InlineData("ftp://127.0.0.1/")]
    public async Task HealthCheck_NoAddress_ExitsWithOneAndSaysSo(string url)
    {
        var (code, _, errors) = await CheckAsync(url);

        Assert.Equal(1, code);
        Assert.Contains("not an http:// address", errors, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Waits for the server's first response, and returns its address. The first response of a process takes longer than others, and a
    /// health check waits for only 5 s.
    /// </summary>
    private static async Task<Uri> AnsweringAsync(AppProcess server)
    {
        var address = await server.ListeningAsync();
        using var client = new HttpClient();
        await client.GetStringAsync(new Uri(address, "/api/ping"));
        return address;
    }

    private async Task<(int Code, string Output, string Errors)> CheckAsync(string url)
    {
        using var check = new AppProcess(_folder, "--health-check", url);
        return await check.ExitAsync();
    }
}
