using Functions.Hosting.Configuration;
using Microsoft.Extensions.Configuration;

namespace Functions.Tests.Hosting;

public sealed class SettingTests
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("67108864", 64 * MiB)]
    [InlineData("64MiB", 64 * MiB)]
    [InlineData("100 mib", 100 * MiB)]
    [InlineData("512KiB", MiB / 2)]
    [InlineData(" ", null)]
    [InlineData(null, null)]
    public void ReadBytes_SizeInTheRange_IsANumberOfBytes(string? text, long? expected) =>
        Assert.Equal(expected, ReadMaxBodySize(text));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("104857601")]
    [InlineData("101MiB")]
    [InlineData("1.5MiB")]
    [InlineData("64MB")]
    [InlineData("9000000000GiB")]
    public void ReadBytes_WrongSize_NamesTheSettingAndTheRange(string text) => AssertRefused(
        $"Http__MaxBodySize is \"{text}\"; it must be from 1 to 100MiB: a number of bytes, with or without KiB, MiB or GiB, such as 64MiB.",
        () => ReadMaxBodySize(text));

    [Fact]
    public void ReadBytes_LessThanTheMinimumWithoutAMaximum_NamesTheMinimum() => AssertRefused(
        "Http__MemoryBudget is \"15MiB\"; it must be at least 16MiB: a number of bytes, with or without KiB, MiB or GiB, such as 64MiB.",
        () => KnownSettings.RequestMemoryBudget.ReadBytes(Configure("Http:MemoryBudget", "15MiB"), 16 * MiB));

    [Theory]
    [InlineData("1", 1)]
    [InlineData("10", 10)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void ReadInteger_NumberInTheRange_IsTheNumber(string? text, int? expected) => Assert.Equal(expected, ReadMaxConnections(text));

    [Theory]
    [InlineData("0")]
    [InlineData("11")]
    [InlineData("1KiB")]
    public void ReadInteger_WrongNumber_NamesTheSettingAndTheRange(string text) => AssertRefused(
        $"Http__MaxConnections is \"{text}\"; it must be a whole number from 1 to 10.", () => ReadMaxConnections(text));

    private static long? ReadMaxBodySize(string? text) =>
        KnownSettings.MaxBodySize.ReadBytes(Configure("Http:MaxBodySize", text), 1, 100 * MiB);

    private static int? ReadMaxConnections(string? text) =>
        KnownSettings.MaxConnections.ReadInteger(Configure("Http:MaxConnections", text), 1, 10);

    private static void AssertRefused(string message, Action read) =>
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(read).Message);

    private static IConfigurationRoot Configure(string key, string? value) =>
        new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
}
