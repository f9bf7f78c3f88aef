using Inference.Remote.Access;
using Microsoft.Extensions.Configuration;

namespace Inference.Remote.Tests;

public sealed class RemoteAccessReaderTests
{
    [Fact]
    public void Read_KeysAndHosts_AreThoseOfTheSettings()
    {
        var access = Read(
            ("Remote:Keys:Fraud:Value", "a-key"), ("Remote:Keys:Fraud:Origin", "https://fraud.example.com"), ("Remote:Keys:unset", ""),
            ("Remote:AllowedHosts", "fraud.example.com, *.svc.cluster.local:8000"));

        var key = Assert.Single(access.Keys).Value;
        Assert.Same(key, access.Keys["fraud"]);
        Assert.Equal(("a-key", "https://fraud.example.com:443"), (key.Value, key.Origin.ToString()));
        Assert.DoesNotContain("a-key", key.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, access.Hosts!.Value.Length);
    }

    [Fact]
    public void Read_NothingSet_AllowsAllHostsAndHasNoKeys()
    {
        var access = Read();

        Assert.Empty(access.Keys);
        Assert.Null(access.Hosts);
    }

    /// <summary>After a rollback, there may still be settings for parts that only a newer version knows.</summary>
    [Theory]
    [InlineData(1, "Remote:Keys:fraud:Value=sesame", "Remote:Keys:fraud:Origin=https://a.example", "Remote:Keys:fraud:Rotation=x")]
    [InlineData(1, "Remote:Keys:fraud:Value=sesame", "Remote:Keys:fraud:Origin=https://a.example", "Remote:Keys:fraud:Next:Value=x")]
    [InlineData(0, "Remote:Keys:fraud:Rotation=x")]
    [InlineData(0, "Remote:Keys:fraud:Next:Value=x")]
    public void Read_UnknownPartOfAKey_HasNoEffect(int keys, params string[] settings) => Assert.Equal(keys, Read(settings).Keys.Count);

    [Theory]
    [InlineData("Remote__Keys__fraud__Value", "Remote:Keys:fraud=sesame")]
    [InlineData("Remote__Keys__fraud__Value", "Remote:Keys:fraud=sesame", "Remote:Keys:fraud:Origin=https://a.example")]
    [InlineData("Remote__Keys__fraud__Origin", "Remote:Keys:fraud:Value=sesame")]
    [InlineData("Remote__Keys__fraud__Origin", "Remote:Keys:fraud:Value=sesame", "Remote:Keys:fraud:Origin=https://a.example/path")]
    [InlineData("Remote__Keys__fraud__Value", "Remote:Keys:fraud:Origin=https://a.example")]
    [InlineData("Remote__Keys__fraud__Value", "Remote:Keys:fraud:Value=sésame", "Remote:Keys:fraud:Origin=https://a.example")]
    [InlineData("Remote__Keys__fraud__Orgin", "Remote:Keys:fraud:Value=sesame", "Remote:Keys:fraud:Orgin=https://a.example")]
    [InlineData("Remote__AllowedHosts", "Remote:AllowedHosts=https://a.example")]
    [InlineData("Remote__AllowedHosts", "Remote:AllowedHosts=,")]
    public void Read_SettingCannotBeUsed_RefusesTheStartAndNamesIt(string named, params string[] settings)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Read(settings));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sésame", refusal.Message, StringComparison.Ordinal);
    }

    private static RemoteAccess Read(string[] settings) =>
        Read([.. settings.Select(setting => (setting.Split('=')[0], setting.Split('=')[1]))]);

    private static RemoteAccess Read(params (string Name, string Value)[] settings) => RemoteAccessReader.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build());
}
