using Functions.Worker.Hosting;
using Functions.Worker.Standalone.Queues;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Tests.Standalone.Queues;

public sealed class QueueNameTests
{
    private static readonly IConfiguration Settings = new ConfigurationBuilder().AddInMemoryCollection(
        [new("Predictions:Queue", "Predictions"), new("Stage", "test"), new("Odd", "a_b")]).Build();

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("%Predictions:Queue%", "predictions")]
    [InlineData("a-%Stage%-%stage%", "a-test-test")]
    public void Resolve_SettingsAreThere_PutsThemIn(string text, string name) => Assert.Equal(name, QueueName.Resolve("F", text, Settings));

    [Theory]
    [InlineData("%Predictions__Queue")]
    [InlineData("%Predictions__Queue%", "write '%Predictions:Queue%'")]
    [InlineData("%Missing%", "Missing")]
    [InlineData("%Odd%", "a_b")]
    [InlineData("ab")]
    [InlineData("-abc")]
    [InlineData("abc-")]
    [InlineData("a--b")]
    [InlineData("über")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void Resolve_NoNameResults_NamesTheFunctionAndTheReason(string text, string? reason = null)
    {
        var error = Assert.Throws<StartupException>(() => QueueName.Resolve("Predict", text, Settings));

        Assert.Contains("Predict", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason ?? text, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abc", "abc-poison")]
    [InlineData("abc-poison", null)]
    [InlineData(
        "01234567890123456789012345678901234567890123456789012345", "01234567890123456789012345678901234567890123456789012345-poison")]
    [InlineData("012345678901234567890123456789012345678901234567890123456", null)]
    public void PoisonOf_Name_IsTheHosts(string name, string? poison) => Assert.Equal(poison, QueueName.FindPoisonName(name));

    [Theory]
    [InlineData("abc", "abc-poison")]
    [InlineData("abc-poison", "abc-failed")]
    public void FinalOf_Name_IsWhereItsMessagesEnd(string name, string final) => Assert.Equal(final, QueueName.FindFinalName(name));
}
