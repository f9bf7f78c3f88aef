using Functions.Hosting;
using Functions.Http;
using Microsoft.AspNetCore.Http;

namespace Functions.Tests.Http;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("/jobs/1", 2, null, "")]
    [InlineData("/models/models/jobs", 3, null, "")]
    [InlineData("/models/m/versions/2/jobs/", 5, null, "")]
    [InlineData("/api/models/m/jobs", 3, null, "/api")]
    [InlineData("/api/models/m/jobs", 3, "/ml", "/ml/api")]
    [InlineData("/models/m/jobs", 3, "/ml/", "/ml")]
    [InlineData("/models/m/jobs", 3, "/a, /b/c", "/a/b/c")]
    [InlineData("/models/m/jobs", 3, "/", "")]
    [InlineData("/models/m/jobs", 3, "//evil.example", "")]
    [InlineData("/models/m/jobs", 3, "https://evil.example", "")]
    [InlineData("/models/m/jobs", 3, "/\\evil.example", "")]
    [InlineData("/models/m/jobs", 3, "/a\"b", "")]
    [InlineData("/models/m/jobs", 3, "evil", "")]
    public void PathOf_Request_IsAboveItsRoute(string path, int segments, string? prefix, string expected)
    {
        var request = Request(path);
        if (prefix is not null)
            request.Headers["X-Forwarded-Prefix"] = prefix;

        Assert.Equal(expected, PublicAddress.GetPath(request, segments));
    }

    [Theory]
    [InlineData(null, null, null, "/")]
    [InlineData("/ml", null, null, "/ml")]
    [InlineData("/ml", "https", "api.example.org", "https://api.example.org/ml")]
    [InlineData(null, "HTTPS", null, "https://localhost:7071")]
    [InlineData(null, null, "api.example.org, inner", "http://api.example.org")]
    [InlineData(null, "ftp", "evil.example/x", "/")]
    public void Of_ForwardedHeaders_AreTheServer(string? prefix, string? scheme, string? host, string expected)
    {
        var request = Request("/openapi.json");
        foreach (var (name, value) in new[] { ("Prefix", prefix), ("Proto", scheme), ("Host", host) })
        {
            if (value is not null)
                request.Headers[$"X-Forwarded-{name}"] = value;
        }

        Assert.Equal(expected, PublicAddress.GetAddress(request, segments: 1));
    }

    /// <summary>The header of a proxy has precedence over the setting.</summary>
    [Theory]
    [InlineData(null, "/base")]
    [InlineData("/other", "/other")]
    public void PathOf_BasePath_IsUsedWithoutAHeader(string? prefix, string expected)
    {
        var request = Request("/jobs/1");
        request.PathBase = BasePath.Parse("/base/");
        if (prefix is not null)
            request.Headers["X-Forwarded-Prefix"] = prefix;

        Assert.Equal(expected, PublicAddress.GetPath(request, segments: 2));
    }

    [Theory]
    [InlineData("base")]
    [InlineData("//base")]
    [InlineData("https://example.org/base")]
    [InlineData("/a b")]
    public void Parse_NoPath_NamesTheSetting(string text) =>
        Assert.Contains(
            "Http__BasePath", Assert.Throws<InvalidOperationException>(() => BasePath.Parse(text)).Message, StringComparison.Ordinal);

    private static HttpRequest Request(string path)
    {
        var request = new DefaultHttpContext().Request;
        (request.Path, request.Scheme, request.Host) = (path, "http", new HostString("localhost", 7071));
        return request;
    }
}
