using Functions.Worker.Hosting;
using Functions.Worker.Standalone;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Tests.Standalone;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("http://127.0.0.1:1", true)]
    [InlineData("http://127.9.9.9:1", true)]
    [InlineData("http://localhost:1", true)]
    [InlineData("http://LOCALHOST:1", true)]
    [InlineData("http://[::1]:1", true)]
    [InlineData("http://unix:/run/functions.sock", true)]
    [InlineData("http://*:1", false)]
    [InlineData("http://+:1", false)]
    [InlineData("http://0.0.0.0:1", false)]
    [InlineData("http://[::]:1", false)]
    [InlineData("http://10.0.0.4:1", false)]
    [InlineData("http://example.org:1", false)]
    [InlineData("http://localhost.example.org:1", false)]
    public void IsLoopback_Address_IsTrueForThisMachineOnly(string address, bool expected) =>
        Assert.Equal(expected, ListenAddresses.IsLoopback(BindingAddress.Parse(address)));

    /// <summary>The settings of a standalone server have no effect under a Functions host.</summary>
    [Fact]
    public void ThrowIfNotLoopback_AddressOfAllInterfaces_GivesAdviceForTheMode()
    {
        string[] addresses = ["http://127.0.0.1:1", "http://[::]:2"];

        var alone = Assert.Throws<StartupException>(() => ListenAddresses.ThrowIfNotLoopback(addresses));
        var hosted = Assert.Throws<StartupException>(() => ListenAddresses.ThrowIfNotLoopbackUnderHost(addresses));

        Assert.StartsWith("http://[::]:2 can be reached from other machines, and Keys__Function", alone.Message, StringComparison.Ordinal);
        Assert.StartsWith("http://[::]:2 can be reached from other machines, but only", hosted.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Keys__Function", hosted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NothingSet_IsTheDefault() => Assert.Equal(["http://127.0.0.1:7071"], Read());

    [Fact]
    public void Read_Several_AreSplit() =>
        Assert.Equal(["http://localhost:1", "http://[::1]:2"], Read(("urls", "http://localhost:1; http://[::1]:2")));

    [Theory]
    [InlineData("localhost")]
    [InlineData("https://localhost:1")]
    [InlineData("http://localhost:1/base")]
    [InlineData("http://localhost:port")]
    [InlineData(";")]
    public void Read_NoAddress_Throws(string text) => Assert.Throws<StartupException>(() => Read(("urls", text)));

    [Theory]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://127.0.0.1:99999999999")]
    [InlineData("http://[::1]:65536")]
    [InlineData("http://[::1]:port")]
    public void Read_NoSuchPort_NamesTheArgumentAndDescribesPorts(string text)
    {
        var http = Assert.Throws<StartupException>(() => Read(("urls", text)));
        var grpc = Assert.Throws<StartupException>(() => ListenAddresses.ReadGrpc(Settings((GrpcEndpoints.UrlsSetting, text))));

        Assert.StartsWith(
            $"'{text}' in --urls has no valid port: a port is a number from 1 to 65535", http.Message, StringComparison.Ordinal);
        Assert.StartsWith($"'{text}' in --grpc-urls has no valid port", grpc.Message, StringComparison.Ordinal);
    }

    private static string[] Read(params (string Name, string Value)[] settings) =>
        [.. ListenAddresses.Read(Settings(settings)).Select(a => a.ToString())];

    private static IConfigurationRoot Settings(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Name, s.Value)))
        .Build();
}
