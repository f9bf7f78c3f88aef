using Azure.Storage.Queues;
using Functions.Worker.Hosting;
using Functions.Worker.Standalone;
using Functions.Worker.Standalone.Queues;
using Functions.Worker.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Tests.Standalone.Queues;

public sealed class QueueSettingsTests
{
    [Fact]
    public void Read_NothingSet_IsTheHostsDefaults() => Assert.Equal(
        new QueueSettings
        {
            BatchSize = 16,
            NewBatchThreshold = 8,
            VisibilityTimeout = TimeSpan.Zero,
            MaxDequeueCount = 5,
            MaxPollingInterval = TimeSpan.FromMinutes(1),
            MessageEncoding = QueueMessageEncoding.Base64,
        },
        Read("{}"));

    [Fact]
    public void Read_EverythingSet_IsThat() => Assert.Equal(
        new QueueSettings
        {
            BatchSize = 32,
            NewBatchThreshold = 0,
            VisibilityTimeout = TimeSpan.FromSeconds(30),
            MaxDequeueCount = 1,
            MaxPollingInterval = TimeSpan.FromMilliseconds(100),
            MessageEncoding = QueueMessageEncoding.None,
        },
        Read("""
            {"batchSize":32,"newBatchThreshold":"0","visibilityTimeout":"00:00:30","maxDequeueCount":1,"MaxPollingInterval":"00:00:00.1",
            "messageEncoding":"None","other":true}
            """));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(9, 4)]
    public void Read_BatchSizeAlone_HalvesItForTheThreshold(int batchSize, int threshold) =>
        Assert.Equal(threshold, Read($$"""{"batchSize":{{batchSize}}}""").NewBatchThreshold);

    [Fact]
    public void Read_Environment_OverridesTheFile()
    {
        var settings = Read("""{"batchSize":3,"maxDequeueCount":4}""", ("AzureFunctionsJobHost:extensions:queues:batchSize", "8"));

        Assert.Equal((8, 4, 4), (settings.BatchSize, settings.NewBatchThreshold, settings.MaxDequeueCount));
    }

    [Theory]
    [InlineData("batchSize", "0", "1 to 32")]
    [InlineData("batchSize", "33", "1 to 32")]
    [InlineData("batchSize", "1.5", "1 to 32")]
    [InlineData("newBatchThreshold", "-1", "0 or more")]
    [InlineData("maxDequeueCount", "0", "1 or more")]
    [InlineData("maxDequeueCount", "many", "1 or more")]
    [InlineData("visibilityTimeout", "-00:00:01", "time span from 0:00:00")]
    [InlineData("visibilityTimeout", "8.00:00:00", "7.00:00:00")]
    [InlineData("visibilityTimeout", "30", "such as 00:00:30")]
    [InlineData("maxPollingInterval", "00:00:00.05", "from 0:00:00.1")]
    [InlineData("maxPollingInterval", "soon", "such as 00:00:30")]
    [InlineData("messageEncoding", "utf8", "base64 or none")]
    public void Read_OutOfRange_NamesKeyValueAndRange(string key, string value, string range)
    {
        var inFile = Assert.Throws<StartupException>(() => Read($$"""{"{{key}}":"{{value}}"}""")).Message;
        var inEnvironment =
            Assert.Throws<StartupException>(() => Read("{}", ($"AzureFunctionsJobHost:extensions:queues:{key}", value))).Message;

        Assert.StartsWith($"host.json: extensions.queues.{key} is '{value}'", inFile, StringComparison.Ordinal);
        Assert.StartsWith($"AzureFunctionsJobHost__extensions__queues__{key} is '{value}'", inEnvironment, StringComparison.Ordinal);
        Assert.Contains(range, inFile, StringComparison.Ordinal);
    }

    private static QueueSettings Read(string queues, params (string Key, string Value)[] settings)
    {
        using var folder = new TempFolder().With("host.json", $$$"""{"extensions":{"queues":{{{queues}}}}}""");
        return QueueSettings.Read(
            HostJson.Read(folder.Path),
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build());
    }
}
