using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests;

public sealed class DirectoryModelStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task ListAsync_MixedFolder_FindsExactlyTheVersions()
    {
        TestModels.CopyTo("scalar", _folder.Combine("digits", "1"));
        TestModels.CopyTo("scalar", _folder.Combine("digits", "12"));
        TestModels.CopyTo("scalar", _folder.Combine("digits", "007"));
        TestModels.CopyTo("scalar", _folder.Combine("digits", "latest"));
        TestModels.CopyTo("scalar", _folder.Combine(".hidden", "1"));
        Directory.CreateDirectory(_folder.Combine("empty", "1"));
        File.Copy(TestModels.Path("scalar"), _folder.Combine("bare.onnx"));
        await File.WriteAllTextAsync(_folder.Combine("notes.txt"), "");

        var versions = await CreateSut().ListAsync(name: null, CancellationToken.None);

        Assert.Equal(["bare/1", "digits/1", "digits/12", "digits/7"], versions.Select(version => version.Id.ToString())
            .Order(StringComparer.Ordinal));
        Assert.All(versions, version => Assert.Equal(new FileInfo(TestModels.Path("scalar")).Length, version.Size));
    }

    [Fact]
    public async Task ListAsync_OneName_FindsThatModelOnly()
    {
        TestModels.CopyTo("scalar", _folder.Combine("foo", "1"));
        TestModels.CopyTo("scalar", _folder.Combine("foobar", "1"));

        var versions = await CreateSut().ListAsync(ModelName.Parse("foo"), CancellationToken.None);

        Assert.Equal(["foo/1"], versions.Select(version => version.Id.ToString()));
        Assert.Empty(await CreateSut().ListAsync(ModelName.Parse("bar"), CancellationToken.None));
    }

    [Fact]
    public async Task ListAsync_SettingsBesideTheVersions_TagChangesWithThem()
    {
        TestModels.CopyTo("scalar", _folder.Combine("m", "1"));
        var name = ModelName.Parse("m");
        var none = await CreateSut().ListAsync(name, CancellationToken.None);
        await File.WriteAllTextAsync(_folder.Combine("m", "model.json"), "{}");
        var first = await CreateSut().ListAsync(name: null, CancellationToken.None);
        await File.WriteAllTextAsync(_folder.Combine("m", "config.pbtxt"), "max_batch_size: 8");
        var second = await CreateSut().ListAsync(name, CancellationToken.None);

        Assert.Equal("", none.GetSettingsTag(name));
        Assert.NotEqual("", first.GetSettingsTag(name));
        Assert.NotEqual(first.GetSettingsTag(name), second.GetSettingsTag(name));
        Assert.Equal(none, second);
        var configuration = await CreateSut().ReadSettingsAsync(name, CancellationToken.None);
        Assert.Equal((8, 8), (configuration.Settings.Batching.MaxBatch, configuration.Declared?.MaxBatchSize));
    }

    [Fact]
    public async Task ListAsync_SettingsThatNameAServer_AreVersionOneUnlessThereIsAFile()
    {
        const string Remote = """{"remote":{"kind":"open-inference","url":"http://h"}}""";
        foreach (var (model, content) in new[] { ("far", Remote), ("both", Remote), ("none", "{}") })
        {
            Directory.CreateDirectory(_folder.Combine(model));
            await File.WriteAllTextAsync(_folder.Combine(model, "model.json"), content);
        }

        TestModels.CopyTo("scalar", _folder.Combine("both", "3"));
        await File.WriteAllTextAsync(_folder.Combine("far", "labels.txt"), "a");

        var listed = await CreateSut().ListAsync(name: null, CancellationToken.None);
        var files = await CreateSut().FetchAsync(listed.Single(version => version.Id.Name.Value == "far"), CancellationToken.None);

        Assert.Equal(["both/3", "far/1"], listed.Select(version => $"{version.Id}").Order());
        Assert.Equal(new ModelFiles(_folder.Combine("far", "model.json"), _folder.Combine("far", "labels.txt")) { IsRemote = true }, files);
    }

    [Fact]
    public async Task ReadSettingsAsync_LargerThanSettingsAre_Refused()
    {
        TestModels.CopyTo("scalar", _folder.Combine("m", "1"));
        await File.WriteAllBytesAsync(_folder.Combine("m", "model.json"), new byte[SettingsFile.MaxSize + 1]);

        var error =
            await Assert.ThrowsAsync<InferenceException>(() => CreateSut().ReadSettingsAsync(ModelName.Parse("m"), CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Equal((true, FailureCause.Settings), (error.LastsUntilFilesChange, error.Cause));
    }

    [Fact]
    public async Task ListAsync_AFileChanges_ChangesTheTag()
    {
        TestModels.CopyTo("external", _folder.Combine("m", "1"));
        var before = Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None));
        var again = Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None));

        await File.AppendAllTextAsync(_folder.Combine("m", "1", "external.bin"), "x");

        Assert.Equal(before.Tag, again.Tag);
        Assert.NotEqual(before.Tag, Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None)).Tag);
    }

    /// <summary>
    /// Models of one architecture have the same size, and archives and images set the same time for all files. A copy has the record tag of
    /// its original, so that records survive a new container.
    /// </summary>
    [LinuxFact("Only Linux has the time of the last change.")]
    public async Task ListAsync_ReplacedByAFileOfTheSameSizeAndTime_ChangesTheTagButNotTheRecordTag()
    {
        TestModels.CopyTo("scalar", _folder.Combine("m", "1"));
        var file = _folder.Combine("m", "1", "model.onnx");
        var before = Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None));
        File.Copy(file, _folder.Combine("copy"));
        File.SetLastWriteTimeUtc(_folder.Combine("copy"), File.GetLastWriteTimeUtc(file));

        File.Move(_folder.Combine("copy"), file, overwrite: true);

        var after = Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None));
        Assert.NotEqual(before.Tag, after.Tag);
        Assert.Equal(before.RecordTag, after.RecordTag);
    }

    [Fact]
    public async Task ListAsync_MountedVolumeChanges_ChangesTagAndSize()
    {
        // In a mounted Kubernetes volume, only the target of ..data changes. The links in place of the model files stay the same.
        var version = Directory.CreateDirectory(_folder.Combine("m", "1")).FullName;
        foreach (var (volume, size) in new[] { ("..one", 100), ("..two", 200) })
        {
            Directory.CreateDirectory(Path.Combine(version, volume));
            await File.WriteAllBytesAsync(Path.Combine(version, volume, "model.onnx"), new byte[size]);
        }

        File.CreateSymbolicLink(Path.Combine(version, "model.onnx"), "..data/model.onnx");
        Directory.CreateSymbolicLink(Path.Combine(version, "..data"), "..one");
        var before = Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None));
        Directory.Delete(Path.Combine(version, "..data"));
        Directory.CreateSymbolicLink(Path.Combine(version, "..data"), "..two");

        var after = Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None));

        Assert.Equal((100, 200), (before.Size, after.Size));
        Assert.NotEqual(before.Tag, after.Tag);
    }

    [Fact]
    public async Task ListAsync_LinksInACircle_HideNoOtherModel()
    {
        TestModels.CopyTo("scalar", _folder.Combine("m", "1"));
        TestModels.CopyTo("scalar", _folder.Combine("circle", "1"));
        File.CreateSymbolicLink(_folder.Combine("circle", "1", "a"), "b");
        File.CreateSymbolicLink(_folder.Combine("circle", "1", "b"), "a");
        Directory.CreateSymbolicLink(_folder.Combine("circle", "2"), "2");

        var versions = await CreateSut().ListAsync(name: null, CancellationToken.None);

        Assert.Contains(versions, version => $"{version.Id}" == "m/1");
    }

    [Fact]
    public async Task FetchAsync_Labels_AreFoundBesideTheModel()
    {
        TestModels.CopyTo("scalar", _folder.Combine("m", "1"));
        TestModels.CopyTo("scalar", _folder.Combine("m", "2"));
        await File.WriteAllTextAsync(_folder.Combine("m", "2", "labels.txt"), "a");
        var versions = await CreateSut().ListAsync(name: null, CancellationToken.None);

        foreach (var version in versions)
        {
            var files = await CreateSut().FetchAsync(version, CancellationToken.None);
            Assert.Equal(version.Id.Version == 2, files.LabelsPath is not null);
        }
    }

    [Fact]
    public async Task FetchAsync_VersionDeleted_IsUnavailable()
    {
        TestModels.CopyTo("scalar", _folder.Combine("m", "1"));
        var version = Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None));
        Directory.Delete(_folder.Combine("m"), recursive: true);

        var exception = await Assert.ThrowsAsync<InferenceException>(() => CreateSut().FetchAsync(version, CancellationToken.None));

        Assert.Equal(InferenceError.ModelUnavailable, exception.Error);
    }

    [Fact]
    public async Task OpenAsync_DeletedSinceItWasListed_HasChangedAndIsNotCalledUntrusted()
    {
        TestModels.CopyTo("scalar", _folder.Combine("m", "1"));
        var version = Assert.Single(await CreateSut().ListAsync(name: null, CancellationToken.None));
        Directory.Delete(_folder.Combine("m"), recursive: true);

        var error = await Assert.ThrowsAsync<InferenceException>(() => CreateSut().OpenAsync(version, CancellationToken.None));

        Assert.Equal((TimeSpan.Zero, false), (error.RetryAfter, error.IsTrustFailure));
        Assert.Contains("changed since it was listed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListAsync_RootMissing_NamesTheFolderAndTheSetting()
    {
        var sut = new DirectoryModelStore(_folder.Combine("nowhere"), TrustPolicy.Default, _folder.Combine("cache"));

        foreach (var name in (ModelName?[])[null, ModelName.Parse("m")])
        {
            var exception = await Assert.ThrowsAsync<InferenceException>(() => sut.ListAsync(name, CancellationToken.None));

            Assert.Equal(InferenceError.ModelUnavailable, exception.Error);
            Assert.Contains("nowhere", exception.Message, StringComparison.Ordinal);
            Assert.Contains("Models__Source", exception.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();

    private DirectoryModelStore CreateSut() => new(_folder.Path, TrustPolicy.Default, _folder.Combine("cache"));
}
