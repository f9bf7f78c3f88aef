using System.IO.Compression;
using System.Text;
using Functions.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Functions.Tests.Http;

/// <summary>Tests Content-Type and Content-Encoding in the forms that clients send.</summary>
public sealed class RequestHeaderTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("application/json")]
    [InlineData("Application/JSON")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json; charset=\"UTF-8\"")]
    [InlineData("application/json;CHARSET=Utf8")]
    [InlineData("application/json; charset=us-ascii")]
    [InlineData("application/json; profile=\"a;b\"")]
    [InlineData("text/json")]
    [InlineData("TEXT/json; charset=utf-8")]
    [InlineData("application/vnd.api+json")]
    [InlineData("application/problem+JSON")]
    public void ThrowIfOther_Json_IsAccepted(string? type) => JsonMediaType.ThrowIfNotJson(Request(type));

    /// <summary>The types include those of forms, which a web page can send to any server.</summary>
    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/octet-stream")]
    [InlineData("application/jsonp")]
    [InlineData("text/x+json")]
    [InlineData("json")]
    public void ThrowIfOther_AnotherType_ShowsTheHeaderToSend(string type)
    {
        var e = Assert.Throws<RefusedRequestException>(() => JsonMediaType.ThrowIfNotJson(Request(type)));

        Assert.Equal((415, "unsupportedMediaType"), (e.StatusCode, e.Code));
        Assert.Contains("curl -H 'Content-Type: application/json'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/json; charset=\"utf-16\"")]
    public void ThrowIfOther_AnotherCharset_NamesIt(string type) =>
        Assert.Contains("charset", Assert.Throws<RefusedRequestException>(() => JsonMediaType.ThrowIfNotJson(Request(type))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("application/x-www-form-urlencoded", true)]
    [InlineData("Text/Plain;charset=UTF-8", true)]
    [InlineData("application/json", true)]
    [InlineData("multipart/form-data; boundary=x", false)]
    [InlineData("text/html", false)]
    public void ThrowIfNoText_TypesOfCurlAndFetch_AreAccepted(string type, bool isTaken) =>
        Assert.Equal(isTaken, Record.Exception(() => JsonMediaType.ThrowIfNeitherJsonNorText(Request(type))) is null);

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("x-gzip")]
    [InlineData("X-GZip")]
    [InlineData("identity, gzip")]
    [InlineData(" gzip ,identity")]
    [InlineData("gzip,")]
    public async Task Open_Gzip_IsUnpacked(string encoding)
    {
        using var body = new MemoryStream();
        using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write("{}"u8);
        body.Position = 0;
        var request = Request(type: null);
        request.Body = body;
        request.Headers.ContentEncoding = encoding;

        using var reader = new StreamReader(ContentCoding.OpenDecompressed(request)!, Encoding.UTF8);

        Assert.Equal("{}", await reader.ReadToEndAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("identity")]
    [InlineData("Identity, identity")]
    public void Open_Identity_IsTheBody(string encoding)
    {
        var request = Request(type: null);
        request.Headers.ContentEncoding = encoding;

        Assert.Null(ContentCoding.OpenDecompressed(request));
    }

    /// <summary>HTTP allows a list to be split into several headers.</summary>
    [Fact]
    public void Open_HeadersOneByOne_AreOneList()
    {
        var request = Request(type: null);
        request.Headers.ContentEncoding = new StringValues(["identity", "Deflate"]);

        Assert.IsType<ZLibStream>(ContentCoding.OpenDecompressed(request));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip, br")]
    [InlineData("gzip, gzip")]
    public void Open_OtherCodings_AreRefusedByName(string encoding)
    {
        var request = Request(type: null);
        request.Headers.ContentEncoding = encoding;

        var e = Assert.Throws<RefusedRequestException>(() => ContentCoding.OpenDecompressed(request));

        Assert.Equal((415, "unsupportedEncoding"), (e.StatusCode, e.Code));
        Assert.Contains(encoding, e.Message, StringComparison.Ordinal);
    }

    private static HttpRequest Request(string? type)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = type;
        return request;
    }
}
