using Inference.Azure.Settings;
using Inference.Testing;
using StorageAccounts;

namespace Inference.Azure.Tests.Settings;

public sealed class BlobSourceTests
{
    [Theory]
    [InlineData("blob:models", true)]
    [InlineData("https://account.blob.core.windows.net/models", true)]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/models", true)]
    [InlineData("models", false)]
    [InlineData("/srv/blob/models", false)]
    [InlineData("C:\\models", false)]
    public void Matches_Source_ByItsScheme(string source, bool expected) => Assert.Equal(expected, BlobSource.Matches(source));

    [Theory]
    [InlineData("blob:models", "| models | |")]
    [InlineData("blob:models/", "| models | |")]
    [InlineData("blob:models/team/a", "| models | team/a/ |")]
    [InlineData("https://account.blob.core.windows.net/models", "https://account.blob.core.windows.net/ | models | |")]
    [InlineData("https://account.example/models/team%20a/?sv=1&sig=x", "https://account.example/ | models | team a/ | ?sv=1&sig=x")]
    [InlineData("https://account.blob.core.windows.net/$web/m", "https://account.blob.core.windows.net/ | $web | m/ |")]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/models/a?sig=x", "http://127.0.0.1:10000/devstoreaccount1 | models | a/ | ?sig=x")]
    [InlineData("http://localhost:4711/devstoreaccount1/models?sig=x", "http://127.0.0.1:4711/devstoreaccount1 | models | | ?sig=x")]
    public void Parse_Source_ItsParts(string source, string expected)
    {
        var parsed = BlobSource.Parse(source);

        var parts = string.Join(" | ", parsed.Service?.AbsoluteUri, parsed.Container, parsed.Prefix, parsed.Sas);
        Assert.Equal(expected, parts.Replace("  ", " ", StringComparison.Ordinal).Trim());
    }

    [Theory]
    [InlineData("blob:", "container name")]
    [InlineData("blob:Models", "container name")]
    [InlineData("blob:a", "container name")]
    [InlineData("blob:models--x", "container name")]
    [InlineData("blob:models?sig=secret", "container name")]
    [InlineData("blob:models/../other", "prefix")]
    [InlineData("blob:models//a", "prefix")]
    [InlineData("https://account.blob.core.windows.net", "container name")]
    [InlineData("https://account.blob.core.windows.net/?sig=secret", "container name")]
    [InlineData("https://user:secret@account.blob.core.windows.net/models", "not a container URI")]
    [InlineData("https://", "not a container URI")]
    [InlineData("http://account.blob.core.windows.net/models?sig=secret", "Use https")]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1?sig=secret", "container name")]
    public void Parse_UnusableSource_ReasonWithoutSecret(string source, string reason)
    {
        var error = Assert.Throws<StorageSettingsException>(() => BlobSource.Parse(source));

        Assert.Contains("Models__Source", error.Message, StringComparison.Ordinal);
        AssertText.Contains(reason, error.Message);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }
}
