using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests;

/// <summary>
/// Tests models that cannot be read, beside a model that can. Circular links represent all failures of the file system. Missing permissions
/// would not stop tests that run as root.
/// </summary>
public sealed class UnreadableModelsTests : IDisposable
{
    private static readonly ModelName Bad = ModelName.Parse("bad");

    private readonly TempFolder _folder = new();

    public UnreadableModelsTests() => TestModels.CopyTo("scalar", _folder.Combine("good", "1"));

    [Theory]
    [InlineData("bad", "bad")]
    [InlineData("bad", "nowhere")]
    [InlineData("bad/1", "1")]
    [InlineData("bad/1/model.onnx", "model.onnx")]
    [InlineData("bad/1/model.onnx", "nowhere")]
    [InlineData("bad/model.json", "model.json")]
    [InlineData("bad.onnx", "bad.onnx")]
    public async Task ListAsync_LinkInACircleOrToNowhere_FailsThatModelOnly(string link, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.Combine(link))!);
        File.CreateSymbolicLink(_folder.Combine(link), target);

        var listing = await CreateSut().ListAsync(name: null, CancellationToken.None);
        var one = await CreateSut().ListAsync(Bad, CancellationToken.None);

        Assert.Equal(["good/1"], listing.Select(version => $"{version.Id}"));
        Assert.Equal([Bad], listing.Failures.Keys);
        Assert.Contains("Model bad cannot be read", listing.Failures[Bad], StringComparison.Ordinal);
        Assert.Equal([Bad], one.Failures.Keys);
    }

    /// <summary>The listing reads the settings of this model, because they can choose one of its model files.</summary>
    [Fact]
    public async Task ListAsync_SettingsThatChooseTheFileAreTooLarge_FailsThatModelOnly()
    {
        TestModels.CopyTo("scalar", _folder.Combine("bad", "1"));
        File.Move(_folder.Combine("bad", "1", "model.onnx"), _folder.Combine("bad", "1", "other.onnx"));
        await File.WriteAllBytesAsync(_folder.Combine("bad", "model.json"), new byte[SettingsFile.MaxSize + 1]);

        var listing = await CreateSut().ListAsync(name: null, CancellationToken.None);

        Assert.Equal(["good/1"], listing.Select(version => $"{version.Id}"));
        Assert.Contains("is larger than", listing.Failures[Bad], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAsync_FileInPlaceOfAFolder_IsNoModel()
    {
        await File.WriteAllTextAsync(_folder.Combine("bad"), "");

        Assert.Equal(["good"], (await CreateSut().ListAsync(name: null, CancellationToken.None)).Names.Select(name => name.Value));
        Assert.Empty((await CreateSut().ListAsync(Bad, CancellationToken.None)).Names);
    }

    [Fact]
    public async Task FetchAsync_ModelBecameUnreadable_SaysSoAndDoesNotAskForAnotherListing()
    {
        TestModels.CopyTo("scalar", _folder.Combine("bad", "1"));
        var version = Assert.Single(await CreateSut().ListAsync(Bad, CancellationToken.None));
        Directory.Move(_folder.Combine("bad"), _folder.Combine("elsewhere"));
        File.CreateSymbolicLink(_folder.Combine("bad"), "bad");

        var error = await Assert.ThrowsAsync<InferenceException>(() => CreateSut().FetchAsync(version, CancellationToken.None));

        Assert.Contains("leads nowhere", error.Message, StringComparison.Ordinal);
        Assert.NotEqual(TimeSpan.Zero, error.RetryAfter);
    }

    public void Dispose() => _folder.Dispose();

    private DirectoryModelStore CreateSut() => new(_folder.Path, TrustPolicy.Default, _folder.Combine(".cache"));
}
