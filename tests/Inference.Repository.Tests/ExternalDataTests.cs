using System.Globalization;
using System.Security.Cryptography;
using Inference.Models;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests;

/// <summary>Models with external data, which are loaded from private copies.</summary>
public sealed class ExternalDataTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DirectoryModelStore _sut;

    public ExternalDataTests() => _sut = CreateSut();

    [Fact]
    public async Task FetchAsync_ExternalData_IsACopyThatNoChangeReachesAndThatIsDeletedOnDisposal()
    {
        TestModels.CopyTo("external", _folder.Combine("models", "m", "1"));
        await File.WriteAllTextAsync(_folder.Combine("models", "m", "1", "labels.txt"), "a");
        var original = await File.ReadAllBytesAsync(_folder.Combine("models", "m", "1", "external.bin"));

        var files = await _sut.FetchAsync(await SingleAsync(), CancellationToken.None);
        await File.WriteAllBytesAsync(_folder.Combine("models", "m", "1", "external.bin"), []);

        Assert.StartsWith(_folder.Combine("cache"), files.ModelPath, StringComparison.Ordinal);
        Assert.Equal(original, await File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(files.ModelPath)!, "external.bin")));
        Assert.Equal("a", await File.ReadAllTextAsync(files.LabelsPath!));
        files.Copy!.Dispose();
        Assert.Empty(Copies());
    }

    [Fact]
    public async Task FetchAsync_NoExternalData_IsNotCopied()
    {
        TestModels.CopyTo("scalar", _folder.Combine("models", "m", "1"));

        var files = await _sut.FetchAsync(await SingleAsync(), CancellationToken.None);

        Assert.Equal(_folder.Combine("models", "m", "1", "model.onnx"), files.ModelPath);
        Assert.Null(files.Copy);
    }

    [Fact]
    public async Task FetchAsync_Twice_SharesOneCopyUntilBothAreDisposed()
    {
        TestModels.CopyTo("external", _folder.Combine("models", "m", "1"));
        var version = await SingleAsync();

        var first = await _sut.FetchAsync(version, CancellationToken.None);
        var second = await _sut.FetchAsync(version, CancellationToken.None);

        Assert.Equal(first.ModelPath, second.ModelPath);
        first.Copy!.Dispose();
        first.Copy.Dispose();
        Assert.True(File.Exists(second.ModelPath));
        second.Copy!.Dispose();
        Assert.Empty(Copies());
    }

    [Fact]
    public async Task FetchAsync_DataInAFolderAndBehindLinks_IsCopied()
    {
        var folder = _folder.Combine("models", "m", "1");
        TestModels.CopyTo("external", Path.Combine(folder, "..2026"));
        Directory.CreateDirectory(Path.Combine(folder, "..2026", "data"));
        await File.WriteAllTextAsync(Path.Combine(folder, "..2026", "data", "more.bin"), "more");
        File.CreateSymbolicLink(Path.Combine(folder, "model.onnx"), "..2026/model.onnx");
        File.CreateSymbolicLink(Path.Combine(folder, "external.bin"), "..2026/external.bin");
        Directory.CreateSymbolicLink(Path.Combine(folder, "data"), "..2026/data");
        Directory.CreateSymbolicLink(Path.Combine(folder, "circle"), ".");
        var version = await SingleAsync();

        var files = await _sut.FetchAsync(version, CancellationToken.None);

        var copied = Path.GetDirectoryName(files.ModelPath)!;
        Assert.Equal("more", await File.ReadAllTextAsync(Path.Combine(copied, "data", "more.bin")));
        Assert.True(File.Exists(Path.Combine(copied, "external.bin")));
        Assert.All(Directory.EnumerateFiles(copied), file => Assert.Null(new FileInfo(file).LinkTarget));
        await File.WriteAllTextAsync(Path.Combine(folder, "..2026", "data", "more.bin"), "other");
        Assert.NotEqual(version.Tag, (await SingleAsync()).Tag);
    }

    [Fact]
    public async Task FetchAsync_BareModel_IsCopiedWithTheFilesThatBeginWithItsName()
    {
        Directory.CreateDirectory(_folder.Combine("models"));
        File.Copy(TestModels.Path("external"), _folder.Combine("models", "m.onnx"));
        await File.WriteAllTextAsync(_folder.Combine("models", "m.onnx.data"), "weights");
        await File.WriteAllTextAsync(_folder.Combine("models", "other.bin"), "");
        var version = await SingleAsync();

        var files = await _sut.FetchAsync(version, CancellationToken.None);

        Assert.Equal(
            ["m.onnx", "m.onnx.data"], Directory.GetFiles(Path.GetDirectoryName(files.ModelPath)!).Select(Path.GetFileName).Order());
        await File.WriteAllTextAsync(_folder.Combine("models", "m.onnx.data"), "others");
        Assert.NotEqual(version.Tag, (await SingleAsync()).Tag);
    }

    [Fact]
    public async Task FetchAsync_Manifest_IsComparedWithTheCopy()
    {
        TestModels.CopyTo("external", _folder.Combine("models", "m", "1"));
        await WriteManifestAsync();
        (await _sut.FetchAsync(await SingleAsync(), CancellationToken.None)).Copy!.Dispose();
        await File.WriteAllBytesAsync(_folder.Combine("models", "m", "1", "external.bin"), new byte[80]);

        var error =
            await Assert.ThrowsAsync<InferenceException>(async () => await _sut.FetchAsync(await SingleAsync(), CancellationToken.None));

        Assert.Contains("\"external.bin\" has the digest", error.Message, StringComparison.Ordinal);
        Assert.True(error.LastsUntilFilesChange);
        Assert.Empty(Copies());
    }

    [Theory]
    [InlineData("ln -s external.bin second.bin", "is a link")]
    [InlineData("touch more.bin", "is in the folder, but not listed")]
    [InlineData("ln -s /etc/hostname second.bin", "leads out of the model's folder")]
    public async Task FetchAsync_ManifestOfOtherFiles_IsRefused(string command, string reason)
    {
        TestModels.CopyTo("external", _folder.Combine("models", "m", "1"));
        await WriteManifestAsync();
        using (var shell = System.Diagnostics.Process
            .Start(new System.Diagnostics.ProcessStartInfo("bash",
                ["-ec", command])
            { WorkingDirectory = _folder.Combine("models", "m", "1") })!)
        {
            await shell.WaitForExitAsync();
        }

        var error =
            await Assert.ThrowsAsync<InferenceException>(async () => await _sut.FetchAsync(await SingleAsync(), CancellationToken.None));

        AssertText.Contains(reason, error.Message);
        Assert.Empty(Copies());
    }

    [Fact]
    public async Task FetchAsync_FilesChangeDuringTheCopy_RequestsAnotherListing()
    {
        TestModels.CopyTo("external", _folder.Combine("models", "m", "1"));
        var large = _folder.Combine("models", "m", "1", "large.bin");
        using (var file = File.Create(large))
            file.SetLength(300 << 20);

        var error = await UntilThrownAsync<InferenceException>(async () =>
        {
            var fetching = _sut.FetchAsync(await SingleAsync(), CancellationToken.None);
            await CopyBeganAsync(fetching);
            await File.AppendAllTextAsync(large, "x");
            (await fetching).Copy!.Dispose();
        });

        Assert.Equal(TimeSpan.Zero, error.RetryAfter);
        Assert.Empty(Copies());
    }

    [Fact]
    public async Task FetchAsync_Cancelled_LeavesNothing()
    {
        TestModels.CopyTo("external", _folder.Combine("models", "m", "1"));
        using (var file = File.Create(_folder.Combine("models", "m", "1", "large.bin")))
            file.SetLength(300 << 20);

        await UntilThrownAsync<OperationCanceledException>(async () =>
        {
            using var stop = new CancellationTokenSource();
            var fetching = _sut.FetchAsync(await SingleAsync(), stop.Token);
            await CopyBeganAsync(fetching);
            await stop.CancelAsync();
            (await fetching).Copy!.Dispose();
        });

        Assert.Empty(Copies());
    }

    [Fact]
    public async Task FetchAsync_NoRoomOnTheDisk_FailsWithTheNumbers()
    {
        const long Size = 8L << 40;
        TestModels.CopyTo("external", _folder.Combine("models", "m", "1"));
        using (var file = File.Create(_folder.Combine("models", "m", "1", "large.bin")))
            file.SetLength(Size);

        var error =
            await Assert.ThrowsAsync<InferenceException>(async () => await _sut.FetchAsync(await SingleAsync(), CancellationToken.None));

        Assert.Matches(
            string.Create(CultureInfo.InvariantCulture, $@"needs {Size / 1000000}\d+ bytes, but the disk has \d+ free"), error.Message);
        Assert.Contains("Models__CacheDirectory", error.Message, StringComparison.Ordinal);
        Assert.Empty(Copies());
    }

    [Fact]
    public async Task FetchAsync_LeftoversOfEndedProcesses_AreRemovedAndThoseOfLivingOnesStay()
    {
        TestModels.CopyTo("external", _folder.Combine("models", "m", "1"));
        var living = await _sut.FetchAsync(await SingleAsync(), CancellationToken.None);
        Directory.CreateDirectory(_folder.Combine("cache", "copies", "ended"));
        await File.WriteAllTextAsync(_folder.Combine("cache", "copies", "ended.lock"), "");
        Directory.CreateDirectory(_folder.Combine("cache", "copies", "unlocked"));

        var other = await CreateSut().FetchAsync(await SingleAsync(), CancellationToken.None);

        Assert.True(File.Exists(living.ModelPath));
        Assert.Equal(4, Copies().Length);
        living.Copy!.Dispose();
        other.Copy!.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    private DirectoryModelStore CreateSut() => new(_folder.Combine("models"), TrustPolicy.Default, _folder.Combine("cache"));

    private async Task<ModelVersion> SingleAsync() => Assert.Single(await _sut.ListAsync(name: null, CancellationToken.None));

    /// <summary>Waits until the copy of the files has begun, or until the fetch has ended.</summary>
    private async Task CopyBeganAsync(Task fetching)
    {
        while (Copies().Length == 0 && !fetching.IsCompleted)
            await Task.Yield();
    }

    /// <summary>Repeats an attempt that does not throw. On a busy machine, the copy may end before the test interferes with it.</summary>
    private static async Task<T> UntilThrownAsync<T>(Func<Task> attempt)
        where T : Exception
    {
        for (var attempts = 1; attempts < 20; attempts++)
        {
            try
            {
                await attempt();
            }
            catch (T e)
            {
                return e;
            }
        }

        return await Assert.ThrowsAnyAsync<T>(attempt);
    }

    private string[] Copies() =>
        Directory.Exists(_folder.Combine("cache", "copies")) ? Directory.GetFileSystemEntries(_folder.Combine("cache", "copies")) : [];

    private async Task WriteManifestAsync()
    {
        var folder = _folder.Combine("models", "m", "1");
        var lines = Directory.GetFiles(folder)
            .Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}  {Path.GetFileName(file)}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "model.sha256"), string.Concat(lines));
    }
}
