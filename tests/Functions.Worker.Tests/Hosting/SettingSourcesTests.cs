using Functions.Worker.Hosting;
using Functions.Worker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Tests.Hosting;

public sealed class SettingSourcesTests : IDisposable
{
    private readonly TempFolder _app = new();
    private readonly TempFolder _current = new();

    [Fact]
    public void AddTo_EverySource_LaterWins()
    {
        const string variable = "FUNCTIONS_WORKER_TEST__D";
        _app.With("appsettings.json", """{"FUNCTIONS_WORKER_TEST":{"A":"app","B":"app","C":"app","D":"app","E":"app"}}""");
        _app.With("local.settings.json", Values("B", "C", "D", "E", "beside"));
        _current.With("local.settings.json", Values("C", "D", "E", "current"));
        Environment.SetEnvironmentVariable(variable, "environment");

        var settings = Read(["--FUNCTIONS_WORKER_TEST:E", "line"], out var problems);

        Environment.SetEnvironmentVariable(variable, null);
        Assert.Empty(problems);
        Assert.Equal(
            ["app", "beside", "current", "environment", "line"],
            "ABCDE".Select(name => settings[$"FUNCTIONS_WORKER_TEST:{name}"]));
    }

    [Fact]
    public void AddTo_AspNetCoreUrls_WinsOverFilesOnly()
    {
        _app.With("appsettings.json", """{"Urls":"file"}""");
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "environment");

        var (byEnvironment, byLine) = (Read([], out _)["urls"], Read(["--urls", "line"], out _)["urls"]);

        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        Assert.Equal(("environment", "line"), (byEnvironment, byLine));
    }

    [Fact]
    public void AddTo_ValuesThatAreNoStrings_AreAcceptedAsWritten()
    {
        _app.With(
            "local.settings.json", """{"IsEncrypted":false,"Values":{"Number":12,"Yes":true}, /* note */ "Host":{"LocalHttpPort":1},}""");

        var settings = Read([], out _);

        Assert.Equal(("12", "True"), (settings["Number"], settings["Yes"]));
    }

    [Theory]
    [InlineData("local.settings.json", "{")]
    [InlineData("local.settings.json", """{"Values":[]}""")]
    [InlineData("local.settings.json", """{"Values":{"A":{"B":"c"}}}""")]
    [InlineData("local.settings.json", """{"IsEncrypted":true,"Values":{}}""")]
    [InlineData("appsettings.json", "{")]
    [InlineData("appsettings.json", """{"A":"1","a":"2"}""")]
    public void AddTo_FileThatCannotBeUsed_IsAProblemThatNamesIt(string file, string text)
    {
        _app.With(file, text);

        Read([], out var problems);

        Assert.Contains(file, Assert.Single(problems), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _app.Dispose();
        _current.Dispose();
    }

    private ConfigurationManager Read(string[] args, out IReadOnlyList<string> problems)
    {
        var settings = new ConfigurationManager();
        problems = SettingSources.AddTo(settings, _app.Path, _current.Path, args);
        return settings;
    }

    private static string Values(params string[] namesAndValue) =>
        "{\"Values\":{" + string.Join(",", namesAndValue[..^1].Select(n => $"\"FUNCTIONS_WORKER_TEST__{n}\":\"{namesAndValue[^1]}\""))
        + "}}";
}
