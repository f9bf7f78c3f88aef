namespace Functions.Tests.Page;

/// <summary>Tests the page behind a proxy that serves this server below a path.</summary>
public sealed class PageLinkTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    /// <summary>
    /// If an address does not end in a slash, browsers treat its last segment as a file name. Relative links then replace this segment.
    /// </summary>
    [Fact]
    public async Task Get_BasePathWithAndWithoutASlash_HasLinksThatLeadToFiles()
    {
        await using var process = await _folder.ServeAsync(("Http__BasePath", "/inference"));

        foreach (var address in (string[])["/inference", "/inference/", "/inference/play", "/"])
        {
            Assert.Contains("src=\"/inference/play/app.js\"", await process.Client.GetStringAsync(new Uri(address, UriKind.Relative)),
                StringComparison.Ordinal);
        }

        Assert.Contains(
            "import", await process.Client.GetStringAsync(new Uri("/inference/play/app.js", UriKind.Relative)), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
