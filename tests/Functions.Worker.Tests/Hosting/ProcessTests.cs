using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Hosting;

/// <summary>Tests how the app starts, fails to start, and stops.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("http://*:0")]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://127.0.0.1:0;http://[::]:0")]
    public async Task Start_OthersCanReachItAndNoKey_NamesTheSettingAndTheSwitch(string urls)
    {
        var line = await FailAsync("--urls", urls);

        Assert.Contains("Keys__Function", line, StringComparison.Ordinal);
        Assert.Contains("--allow-anonymous", line, StringComparison.Ordinal);
    }

    /// <summary>The app's own code adds an address that no setting contains.</summary>
    [Fact]
    public async Task Start_OthersCanReachTheAddress_EndsTheProcess() =>
        Assert.Contains("can be reached from other machines", await FailAsync("--Listen", "1", "--urls", "http://127.0.0.1:0"),
            StringComparison.Ordinal);

    /// <summary>Sets the addresses in every other way that ASP.NET Core supports.</summary>
    [Fact]
    public async Task Start_SettingsOfAspNetCoreNameAddresses_ListensOnItsOwn()
    {
        var environment = new Dictionary<string, string> { ["Kestrel__Endpoints__All__Url"] = "http://0.0.0.0:0" };
        foreach (var prefix in new[] { "", "ASPNETCORE_", "DOTNET_" })
        {
            environment[$"{prefix}PREFERHOSTINGURLS"] = "true";
            environment[$"{prefix}HTTP_PORTS"] = environment[$"{prefix}HTTPS_PORTS"] = "0";
        }

        using var app = new AppProcess(
            _folder,
            environment,
            ["--urls", "http://127.0.0.1:0", "--http_ports", "0", "--preferHostingUrls", "true", "--Kestrel:Endpoints:More:Url",
                "http://0.0.0.0:0"]);
        Assert.Equal("127.0.0.1", (await app.ListeningAsync()).Host);

        await app.TerminateAsync();

        Assert.DoesNotContain("Now listening on", (await app.ExitAsync()).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--allow-anonymous")]
    [InlineData("--Keys:Function=secret")]
    public async Task Start_OthersCanReachItAndThatIsWanted_Answers(string argument)
    {
        using var app = new AppProcess(_folder, argument, "--urls", "http://0.0.0.0:0");

        var address = await app.ListeningAsync();

        using var client = new HttpClient();
        Assert.Equal("pong", await client.GetStringAsync($"http://127.0.0.1:{address.Port}/api/ping"));
    }

    [Fact]
    public async Task Start_PortInUse_NamesTheAddress()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";

        var line = await FailAsync("--urls", address);

        Assert.Contains(address, line, StringComparison.Ordinal);
        Assert.Contains("choose another port with --urls", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AddressOfAnotherMachine_ExplainsTheFix() => Assert.Contains(
        "this machine does not have the address", await FailAsync("--allow-anonymous", "--urls", "http://192.0.2.1:0"),
        StringComparison.Ordinal);

    [Fact]
    public async Task Start_MalformedSettings_NamesTheFile()
    {
        _folder.With("local.settings.json", "{");

        Assert.Contains("local.settings.json", await FailAsync("--urls", "http://127.0.0.1:0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Logging:LogLevel:Default", "Trce")]
    [InlineData("Logging:Console:LogLevel:Microsoft", "12")]
    public async Task Start_LogLevelThatDoesNotExist_NamesTheSettingAndTheLevels(string setting, string value) => Assert.Equal(
        $"Cannot start: {setting.Replace(":", "__", StringComparison.Ordinal)} is \"{value}\"; it must be one of "
            + "Trace, Debug, Information, Warning, Error, Critical, None.",
        await FailAsync($"--{setting}", value, "--urls", "http://127.0.0.1:0"));

    /// <summary>The settings of the log are read before a host exists that could report a failure.</summary>
    [Fact]
    public async Task Start_SettingOfTheConsoleCannotBeUsed_NamesIt() => Assert.Contains(
        "'MaxQueueLength'", await FailAsync("--Logging:Console:MaxQueueLength", "x", "--urls", "http://127.0.0.1:0"),
        StringComparison.Ordinal);

    [Fact]
    public async Task Start_NoSuchPort_DescribesPorts() => Assert.Contains(
        "in --urls has no valid port: a port is a number", await FailAsync("--urls", "http://127.0.0.1:99999"),
        StringComparison.Ordinal);

    [Fact]
    public async Task Start_PartOfTheAppThrows_SaysItsMessage() =>
        Assert.Equal("Cannot start: The models are not there.", await FailAsync("--Fail", "1", "--urls", "http://127.0.0.1:0"));

    [Theory]
    [InlineData("--functions-uri", "somewhere")]
    [InlineData("--functions-uri", "http://127.0.0.1:1/")]
    [InlineData("--functions-uri=http://127.0.0.1:1/", "--functions-worker-id=")]
    public async Task Start_ArgumentsOfAFunctionsHostThatAreNotEnough_NamesThem(params string[] args) =>
        Assert.Contains("--functions-uri", await FailAsync(args), StringComparison.Ordinal);

    [Fact]
    public async Task Start_Traced_PrintsItsStages()
    {
        using var app = new AppProcess(_folder, "--startup-trace", "--urls", "http://127.0.0.1:0");
        using var client = new HttpClient { BaseAddress = await app.ListeningAsync() };
        await client.GetStringAsync("/api/ping");
        await client.GetStringAsync("/api/ping");
        await app.TerminateAsync();

        var (_, _, errors) = await app.ExitAsync();

        Assert.Equal(
            ["main entered", "host built", "listening", "first request answered"],
            errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line[(line.IndexOf("ms  ", StringComparison.Ordinal) + 4)..]));
    }

    [Fact]
    public async Task Start_LocalSettingsInTheCurrentDirectory_AreSettings()
    {
        _folder.With("local.settings.json", """{"Values":{"Greeting":"hello"}}""");
        using var app = new AppProcess(_folder, "--urls", "http://127.0.0.1:0");

        using var client = new HttpClient { BaseAddress = await app.ListeningAsync() };
        Assert.Equal("hello", await client.GetStringAsync("/api/settings/greeting"));
    }

    [Fact]
    public async Task Terminate_RequestRunning_FinishesItAndExitsWithZero()
    {
        using var app = new AppProcess(_folder, "--urls", "http://127.0.0.1:0");
        var address = await app.ListeningAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await stream.WriteAsync("POST /api/wait-for-body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"u8.ToArray());
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());

        await app.TerminateAsync();
        await stream.WriteAsync("done"u8.ToArray());

        Assert.Contains("done", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await app.ExitAsync()).Code);
    }

    /// <summary>
    /// Sends the signal at five moments from the beginning to the end of a start, so that it arrives in different stages.
    /// </summary>
    [Fact]
    public async Task Terminate_WhileItStarts_ExitsWithZero()
    {
        using var whole = new AppProcess(_folder, "--startup-trace", "--urls", "http://127.0.0.1:0");
        var started = Stopwatch.GetTimestamp();
        await whole.EnteredAsync();
        await whole.ListeningAsync();
        var start = Stopwatch.GetElapsedTime(started);
        for (var part = 0; part <= 4; part++)
        {
            using var app = new AppProcess(_folder, "--startup-trace", "--urls", "http://127.0.0.1:0");
            // Before the app's first line, the process runs only code of the runtime.
            await app.EnteredAsync();
            await Task.Delay(start * part / 4);

            await app.TerminateAsync();

            Assert.Equal(0, (await app.ExitAsync()).Code);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Asserts that the app fails with exit code 1, one line on stderr, and no stack trace. Returns the line.</summary>
    private async Task<string> FailAsync(params string[] args)
    {
        using var app = new AppProcess(_folder, args);
        var (code, output, errors) = await app.ExitAsync();

        Assert.Equal(1, code);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        return Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
