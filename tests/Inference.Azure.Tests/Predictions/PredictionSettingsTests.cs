using Inference.Azure.Predictions;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Inference.Azure.Tests.Predictions;

public sealed class PredictionSettingsTests
{
    [Fact]
    public void Read_NothingSet_IsTheDefault() => Assert.Equal(
        new PredictionSettings("predictions", "predictions-results", "prediction-results", TimeSpan.FromDays(7)), Read());

    [Theory]
    [InlineData("0")]
    [InlineData("00:00:00")]
    public void Read_NoTimeToLive_KeepsForEver(string time) => Assert.Null(Read(("ResultTimeToLive", time)).TimeToLive);

    [Theory]
    [InlineData("Queue", "a")]
    [InlineData("Queue", "Upper")]
    [InlineData("Queue", "two--hyphens")]
    [InlineData("Queue", "a-queue-whose-poison-queue-would-have-a-name-that-is-too-long")]
    [InlineData("ResultsQueue", "-a-b")]
    [InlineData("ResultsQueue", "predictions")]
    [InlineData("ResultsQueue", "predictions-poison")]
    [InlineData("ResultsQueue", "predictions-failed")]
    [InlineData("Container", "a/b")]
    [InlineData("ResultTimeToLive", "soon")]
    [InlineData("ResultTimeToLive", "-1.00:00:00")]
    public void Read_CannotBeUsed_NamesTheSetting(string setting, string value)
    {
        var exception = Assert.Throws<StorageSettingsException>(() => Read((setting, value)));

        Assert.StartsWith($"Predictions__{setting} is \"{value}\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RequestContainers_AreSplit() =>
        Assert.Equal("uploads inbox", string.Join(' ', Read(("RequestContainers", "uploads, inbox")).RequestContainers));

    [Theory]
    [InlineData("Up")]
    [InlineData("uploads/requests")]
    [InlineData("azure-webjobs-secrets")]
    [InlineData("$web")]
    [InlineData("uploads,prediction-results")]
    public void Read_RequestContainerThatCannotBeOne_NamesTheSetting(string containers)
    {
        var exception = Assert.Throws<StorageSettingsException>(() => Read(("RequestContainers", containers)));

        Assert.StartsWith("Predictions__RequestContainers names ", exception.Message, StringComparison.Ordinal);
    }

    private static PredictionSettings Read(params (string Setting, string Value)[] settings) => PredictionSettings.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                settings.Select(setting => KeyValuePair.Create($"Predictions:{setting.Setting}", (string?)setting.Value)))
            .Build());
}
