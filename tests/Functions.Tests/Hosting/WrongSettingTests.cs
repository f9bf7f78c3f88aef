using Inference.Testing;

namespace Functions.Tests.Hosting;

/// <summary>Starts the server with wrong values of its settings.</summary>
public sealed class WrongSettingTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    [Theory]
    [InlineData("Models__ReloadInterval", "30")]
    [InlineData("Models__ReloadInterval", "00:00:00.5")]
    [InlineData("Models__MemoryBudget", "2 gigabytes")]
    [InlineData("Models__MemoryBudget", "0")]
    [InlineData("Models__RequireManifest", "yes")]
    [InlineData("Models__PublicKey", "/no/such/file.pem")]
    [InlineData("Models__PublicKey", " ")]
    [InlineData("Models__MinimumVersions", "iris:7")]
    [InlineData("Models__MinimumVersions", "iris=0")]
    [InlineData("Models__MinimumVersions", "../iris=1")]
    [InlineData("Models__MinimumVersions", "iris=1,iris=2")]
    [InlineData("Http__MemoryBudget", "15MiB")]
    [InlineData("Http__MaxConnections", "0")]
    [InlineData("Http__MaxConnections", "2147483648")]
    [InlineData("Http__MaxBodySize", "0")]
    [InlineData("Http__MaxBodySize", "101MiB")]
    public async Task Start_SettingIsWrong_EndsWithOneLineThatNamesIt(string setting, string value)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => _folder.ServeAsync((setting, value)));

        AssertText.Contains("ended with 1", exception.Message);
        var line = Assert.Single(exception.Message.Split('\n'), line => line.Contains(setting, StringComparison.Ordinal));
        Assert.StartsWith("Cannot start: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
