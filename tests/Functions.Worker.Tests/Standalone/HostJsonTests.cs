using Functions.Worker.Hosting;
using Functions.Worker.Standalone;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Standalone;

public sealed class HostJsonTests
{
    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"extensions":1}""")]
    [InlineData("""{"extensions":{"http":[]}}""")]
    [InlineData("""{"extensions":{"http":{"routePrefix":1}}}""")]
    [InlineData("""{"extensions":{"queues":1}}""")]
    [InlineData("""{"extensions":{"queues":{"batchSize":[1]}}}""")]
    public void Read_Malformed_ThrowsNamingTheFile(string text)
    {
        using var folder = new TempFolder().With("host.json", text);

        var error = Assert.Throws<StartupException>(() => HostJson.Read(folder.Path));

        Assert.Contains("host.json", error.Message, StringComparison.Ordinal);
    }
}
