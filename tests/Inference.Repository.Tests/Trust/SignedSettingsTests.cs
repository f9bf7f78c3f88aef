using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests.Trust;

/// <summary>
/// Tests attacks on the settings of a signed model. The attacker may write to the folder of models, but does not have the key.
/// </summary>
public sealed class SignedSettingsTests : IDisposable
{
    private static readonly ModelName Iris = ModelName.Parse("iris");
    private static readonly DateTimeOffset Signed = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly ModelSigner _signer = new();

    public SignedSettingsTests()
    {
        Directory.CreateDirectory(_folder.Combine("iris"));
        Write("model.json", """{"versions":{"minimum":7},"batching":{"maxBatch":4}}""");
        _signer.SignSettings(_folder.Combine("iris"), "iris", Signed);
    }

    [Fact]
    public async Task ReadSettingsAsync_Signed_AreThoseThatWereSigned()
    {
        var configuration = await ReadAsync();

        Assert.Equal(
            (Signed, 7L, 4), (configuration.SignedAt, configuration.Settings.Versions.Minimum, configuration.Settings.Batching.MaxBatch));
    }

    [Theory]
    [InlineData("model.json", """{"versions":{"minimum":1},"batching":{"maxBatch":4}}""", "\"model.json\" has the digest")]
    [InlineData("model.json", """{"versions":{"minimum":7},"batching":{"maxBatch":4}} """, "\"model.json\" has the digest")]
    [InlineData("config.pbtxt", "max_batch_size: 8", "\"config.pbtxt\" is in the folder, but not listed")]
    [InlineData("settings.sig", "{}", "is not a bundle with a signed statement")]
    public async Task ReadSettingsAsync_AFileIsChangedOrAdded_AreRefused(string file, string content, string reason)
    {
        Write(file, content);

        AssertText.Contains(reason, await RefuseAsync());
    }

    [Theory]
    [InlineData("model.json", "\"model.json\" is listed, but the folder has no such file")]
    [InlineData("settings.sig",
        "There is no settings.sig, so model.json cannot be trusted. Sign the folder of the model: inferctl models sign iris.")]
    public async Task ReadSettingsAsync_AFileIsDeleted_AreRefused(string file, string reason)
    {
        File.Delete(_folder.Combine("iris", file));

        AssertText.Contains(reason, await RefuseAsync());
    }

    [Fact]
    public async Task ReadSettingsAsync_SignedForAnotherModel_AreRefusedWithBothNames()
    {
        _signer.SignSettings(_folder.Combine("iris"), "digits");

        Assert.Contains(
            "It is signed for \"digits\", but these are the settings of \"iris\"", await RefuseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadSettingsAsync_StatementOfAVersion_IsNoStatementOfSettings()
    {
        _signer.SignVersion(_folder.Combine("iris"), "iris/1");
        File.Move(_folder.Combine("iris", "model.sig"), _folder.Combine("iris", "settings.sig"), overwrite: true);

        Assert.Contains("It is signed for \"iris/1\"", await RefuseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadSettingsAsync_Unsigned_AreOnlyLabelsTrafficAndShadow()
    {
        Write("versions.json", """{"labels":{"stable":7,"next":8},"traffic":[{"version":"stable","percent":100}],"shadow":"next"}""");

        var versions = (await ReadAsync()).Settings.Versions;

        Assert.Equal((7L, "stable", "next"), (versions.Labels["stable"], versions.Traffic[0].Version.Label, versions.Shadow?.Label));
    }

    [Theory]
    [InlineData(
        """{"labels":{"stable":3}}""", "versions.json:1:21: $.labels.stable: Label \"stable\" points at version 3, below the minimum 7.")]
    [InlineData("""{"traffic":[{"version":3,"percent":100}]}""", "versions.json:1:12: $.traffic: Version 3 is below the minimum 7.")]
    [InlineData("""{"shadow":3}""", "versions.json:1:11: $.shadow: Version 3 is below the minimum 7.")]
    [InlineData("""{"serve":{"specific":[3]}}""", "$.serve: This key is not known.")]
    [InlineData("""{"minimum":1}""", "$.minimum: This key is not known.")]
    [InlineData("""{"batching":{}}""", "$.batching: This key is not known.")]
    public async Task ReadSettingsAsync_VersionsFileNamesAnOldVersionOrOtherKeys_AreRefused(string json, string reason)
    {
        Write("versions.json", json);

        AssertText.Contains(reason, await RefuseAsync());
    }

    [Fact]
    public async Task ReadSettingsAsync_BelowTheServersMinimum_AreRefused()
    {
        Write("versions.json", """{"labels":{"stable":8}}""");
        var policy = _signer.Policy with { MinimumVersions = new Dictionary<ModelName, long> { [Iris] = 9 } };

        var error = await Assert.ThrowsAsync<InferenceException>(() => CreateSut(policy).ReadSettingsAsync(Iris, CancellationToken.None));

        Assert.Contains("below the minimum 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadSettingsAsync_NoKey_ReadsLabelsFromEitherFileAndRefusesBoth()
    {
        var sut = CreateSut(TrustPolicy.Default);
        Write("model.json", """{"versions":{"labels":{"stable":1}}}""");
        Assert.Equal(1, (await sut.ReadSettingsAsync(Iris, CancellationToken.None)).Settings.Versions.Labels["stable"]);
        Write("versions.json", """{"labels":{"stable":2}}""");
        var both = await Assert.ThrowsAsync<InferenceException>(() => sut.ReadSettingsAsync(Iris, CancellationToken.None));
        File.Delete(_folder.Combine("iris", "model.json"));

        Assert.Contains("Use one file only", both.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await sut.ReadSettingsAsync(Iris, CancellationToken.None)).Settings.Versions.Labels["stable"]);
    }

    [Theory]
    [InlineData("versions.json")]
    [InlineData("settings.sig")]
    public async Task ListAsync_AFileBesideTheSettingsChanges_ChangesTheTag(string file)
    {
        TestModels.CopyTo("scalar", _folder.Combine("iris", "7"));
        var sut = CreateSut(_signer.Policy);
        var before = (await sut.ListAsync(Iris, CancellationToken.None)).GetSettingsTag(Iris);

        Write(file, "changed");

        Assert.NotEqual(before, (await sut.ListAsync(Iris, CancellationToken.None)).GetSettingsTag(Iris));
    }

    public void Dispose()
    {
        _signer.Dispose();
        _folder.Dispose();
    }

    private DirectoryModelStore CreateSut(TrustPolicy policy) => new(_folder.Path, policy, _folder.Combine("cache"));

    private Task<ModelConfiguration> ReadAsync() => CreateSut(_signer.Policy).ReadSettingsAsync(Iris, CancellationToken.None);

    private async Task<string> RefuseAsync()
    {
        var error = await Assert.ThrowsAsync<InferenceException>(ReadAsync);
        Assert.Equal((InferenceError.ModelUnavailable, true), (error.Error, error.LastsUntilFilesChange));
        return error.Message;
    }

    private void Write(string file, string content) => File.WriteAllText(_folder.Combine("iris", file), content);
}
