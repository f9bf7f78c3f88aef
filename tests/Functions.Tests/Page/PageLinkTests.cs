namespace Functions.Tests.Page;

/// <summary>The page behind a proxy that serves this server below a path.</summary>
public sealed class PageLinkTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    /// <summary>
    /// A browser takes the last segment of an address without a slash at its end for a file, and relative links go beside it.
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
