using Inference.Remote.Access;
using Inference.Remote.Tests.Support;
using Inference.Testing;
using Microsoft.AspNetCore.Http;

namespace Inference.Remote.Tests;

/// <summary>Tests the servers to which the settings of a model can send requests and keys.</summary>
public sealed class RemoteAccessTests
{
    private const string Secret = "sesame";

    [Theory]
    [InlineData("open-inference")]
    [InlineData("open-inference-grpc")]
    [InlineData("tensorflow-serving")]
    public async Task LoadAsync_KeyOfAnotherServer_IsNotSent(string kind)
    {
        await using var evil = await PeerServer.StartAsync();

        var error = await FailAsync(
            $$"""{"kind":"{{kind}}","url":"{url}","keySetting":"known"}""", evil.Url, AccessWithKeyFor("https://models.example.com"));

        Assert.Contains("https://models.example.com:443", error.Message, StringComparison.Ordinal);
        Assert.Contains("Remote__Keys__known__Origin", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(evil.RequestedPaths);
    }

    [Theory]
    [InlineData("https://models.example.com", "https://MODELS.example.com:443/far", true)]
    [InlineData("https://models.example.com", "https://models.example.com./", true)]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example", true)]
    [InlineData("http://[::1]:80", "http://[0:0:0:0:0:0:0:1]", true)]
    [InlineData("https://models.example.com", "http://models.example.com", false)]
    [InlineData("https://models.example.com", "http://models.example.com:443", false)]
    [InlineData("https://models.example.com", "https://models.example.com:8443", false)]
    [InlineData("https://models.example.com", "https://models.example.com.evil.example", false)]
    [InlineData("https://models.example.com", "https://evil.example/models.example.com", false)]
    [InlineData("https://models.example.com", "https://a.models.example.com", false)]
    [InlineData("https://127.0.0.1", "https://[::ffff:127.0.0.1]", false)]
    public void Authorize_KeyAndAddress_MustBeOfOneOrigin(string origin, string url, bool isSent) => Assert.Equal(
        isSent, RemoteOrigin.FromUrl(new Uri(url)) == RemoteOrigin.ParseOrNull(origin));

    [Theory]
    [InlineData("models.example.com")]
    [InlineData("ftp://models.example.com")]
    [InlineData("https://models.example.com/")]
    [InlineData("https://models.example.com/path")]
    [InlineData("https://user@models.example.com")]
    [InlineData("https://models.example.com?x")]
    [InlineData("https://*.example.com")]
    [InlineData("https://models.example.com\\@evil.example")]
    [InlineData("https://")]
    [InlineData("")]
    public void TryParse_NoOrigin_IsNull(string text) => Assert.Null(RemoteOrigin.ParseOrNull(text));

    [Theory]
    [InlineData("models.example.com", "https://models.example.com:8443", true)]
    [InlineData("Models.Example.com.", "http://models.example.com", true)]
    [InlineData("models.example.com:8443", "https://models.example.com:8443", true)]
    [InlineData("*.example.com", "https://a.b.example.com", true)]
    [InlineData("*.example.com:443", "https://a.example.com", true)]
    [InlineData("127.0.0.1", "http://2130706433", true)]
    [InlineData("[::1]", "http://[::1]:8000", true)]
    [InlineData("[::1]:8000", "http://[::1]:8000", true)]
    [InlineData("models.example.com:8443", "https://models.example.com", false)]
    [InlineData("*.example.com", "https://example.com", false)]
    [InlineData("*.example.com", "https://evilexample.com", false)]
    [InlineData("example.com", "https://a.example.com", false)]
    [InlineData("example.com", "https://example.com.evil.example", false)]
    [InlineData("127.0.0.1", "http://localhost", false)]
    [InlineData("127.0.0.1", "http://[::ffff:127.0.0.1]", false)]
    public void Allows_HostOfTheSetting_IsItAlone(string host, string url, bool isAllowed) =>
        Assert.Equal(isAllowed, AllowedHost.ParseOrNull(host)!.Allows(RemoteOrigin.FromUrl(new Uri(url))));

    [Theory]
    [InlineData("https://models.example.com")]
    [InlineData("models.example.com/path")]
    [InlineData("user@models.example.com")]
    [InlineData("models.example.com:port")]
    [InlineData("models.example.com:0")]
    [InlineData("models.example.com:65536")]
    [InlineData("*")]
    [InlineData("*.*.example.com")]
    [InlineData("a.*.example.com")]
    [InlineData("::1")]
    [InlineData("a b")]
    public void TryParse_NoHost_IsNull(string text) => Assert.Null(AllowedHost.ParseOrNull(text));

    [Theory]
    [InlineData("open-inference")]
    [InlineData("open-inference-grpc")]
    [InlineData("tensorflow-serving")]
    public async Task LoadAsync_HostIsNotAllowed_CallsNothing(string kind)
    {
        await using var other = await PeerServer.StartAsync();

        var error = await FailAsync(
            $$"""{"kind":"{{kind}}","url":"{url}"}""", other.Url,
            RemoteAccess.Unrestricted with { Hosts = [AllowedHost.ParseOrNull("models.example.com")!] });

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("Remote__AllowedHosts", error.Message, StringComparison.Ordinal);
        Assert.Empty(other.RequestedPaths);
    }

    /// <summary>
    /// A reverse proxy selects a server by the Host header, and TLS compares the certificate with that header. The other headers describe
    /// the connection or the body.
    /// </summary>
    [Theory]
    [InlineData(""" "headers":{"Host":"evil.example"} """, "header Host")]
    [InlineData(""" "headers":{"host":"evil.example"} """, "header host")]
    [InlineData(""" "keySetting":"known","keyHeader":"HOST" """, "header HOST")]
    [InlineData(""" "keySetting":"known","keyHeader":"Content-Length" """, "header Content-Length")]
    [InlineData(""" "headers":{"transfer-encoding":"chunked"} """, "header transfer-encoding")]
    [InlineData(""" "headers":{"Connection":"close"} """, "header Connection")]
    public async Task LoadAsync_HeaderOfTheConnection_CallsNothing(string settings, string message)
    {
        await using var server = await PeerServer.StartAsync();

        var error = await FailAsync($$"""{"kind":"open-inference","url":"{url}",{{settings}}}""", server.Url, AccessWithKeyFor(server.Url));

        AssertText.Contains(message, error.Message);
        Assert.Empty(server.RequestedPaths);
    }

    [Theory]
    [InlineData(StatusCodes.Status301MovedPermanently)]
    [InlineData(StatusCodes.Status307TemporaryRedirect)]
    public async Task LoadAsync_ServerRedirects_IsNotFollowed(int status)
    {
        await using var evil = await PeerServer.StartAsync();
        await using var server = await PeerServer.StartAsync();
        server.Handlers["/v2/models/m"] = context =>
        {
            context.Response.Headers.Location = $"{evil.Url}/v2/models/m";
            return PeerServer.WriteAsync(context, status, "{}");
        };

        await FailAsync("""{"kind":"open-inference","url":"{url}","keySetting":"known"}""", server.Url, AccessWithKeyFor(server.Url));

        Assert.NotEmpty(server.RequestedPaths);
        Assert.Empty(evil.RequestedPaths);
    }

    private static RemoteAccess AccessWithKeyFor(string origin) =>
        RemoteAccess.Unrestricted with { Keys = LoadedRemote.Keys(new RemoteKey(Secret, RemoteOrigin.ParseOrNull(origin)!)) };

    private static Task<InferenceException> FailAsync(string remote, string url, RemoteAccess access) =>
        Assert.ThrowsAsync<InferenceException>(() => LoadedRemote.LoadAsync(remote, url, access));
}
