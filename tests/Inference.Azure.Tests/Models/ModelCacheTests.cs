using System.Runtime.Versioning;
using Inference.Azure.Models;
using Inference.Models;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Azure.Tests.Models;

public sealed class ModelCacheTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly ModelVersion Version = new(new ModelId(ModelName.Parse("digits"), 1), "tag", Size: 3);

    private readonly string _root = Directory.CreateTempSubdirectory("model-cache-").FullName;

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void EnsurePrivate_NewFolder_OnlyForThisUser()
    {
        var folder = Path.Combine(_root, "new");

        Cache(folder).EnsurePrivate();

        Assert.Equal(Private, File.GetUnixFileMode(folder));
    }

    [UnixTheory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void EnsurePrivate_OthersMayWrite_Refused(UnixFileMode writable)
    {
        File.SetUnixFileMode(_root, Private | writable);

        var error = Assert.Throws<InferenceException>(() => Cache(_root).EnsurePrivate());

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains(_root, error.Message, StringComparison.Ordinal);
        Assert.Contains("Models__CacheDirectory", error.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public void EnsurePrivate_OthersMayRead_Used()
    {
        var readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        File.SetUnixFileMode(_root, readable);

        Cache(_root).EnsurePrivate();

        Assert.Equal(readable, File.GetUnixFileMode(_root));
    }

    [Fact]
    public void CreateTemporaryFolder_FolderOfYesterday_IsRemoved()
    {
        var abandoned = CreateDownload(Cache(_root));

        var current = Cache(_root, TimeSpan.FromHours(25)).CreateTemporaryFolder();

        Assert.False(Directory.Exists(abandoned));
        Assert.True(Directory.Exists(current));
    }

    [Fact]
    public void CreateTemporaryFolder_FolderOfAnotherLiveProcess_Stays()
    {
        var other = CreateDownload(Cache(_root));

        Cache(_root, TimeSpan.FromHours(23)).CreateTemporaryFolder();

        Assert.True(Directory.Exists(other));
    }

    [Fact]
    public void Publish_TwoDownloads_FirstStays()
    {
        var cache = Cache(_root);
        var first = Describe(cache, cache.Publish(CreateDownload(cache), Version));
        var written = File.GetLastWriteTimeUtc(first.ModelPath);

        Assert.Equal(first, Describe(cache, cache.Publish(CreateDownload(cache), Version)));
        Assert.Equal(written, File.GetLastWriteTimeUtc(first.ModelPath));
    }

    [Fact]
    public void Publish_DamagedFolderInTheWay_IsReplaced()
    {
        var cache = Cache(_root);
        var files = Describe(cache, cache.Publish(CreateDownload(cache), Version));
        File.WriteAllText(files.ModelPath, "damaged");
        Assert.Null(cache.Find(Version));

        Assert.Equal(files, Describe(cache, cache.Publish(CreateDownload(cache), Version)));
        Assert.Equal(Version.Size, new FileInfo(files.ModelPath).Length);
    }

    [Fact]
    public void Find_SameModelOfAnotherStore_IsNotTheirs()
    {
        var cache = Cache(_root);
        cache.Publish(CreateDownload(cache), Version);

        Assert.Null(new ModelCache(_root, "another store", TimeProvider.System).Find(Version));
    }

    [Fact]
    public void CreateTemporaryFolder_VersionUnusedForAMonth_IsRemoved()
    {
        var unused = Publish("unused", after: default);
        var used = Publish("used", after: default) with { Id = new ModelId(ModelName.Parse("other"), 1) };
        Cache(_root).Publish(CreateDownload(Cache(_root)), used);
        Assert.NotNull(Cache(_root, TimeSpan.FromDays(29)).Find(used));

        Cache(_root, TimeSpan.FromDays(31)).CreateTemporaryFolder();

        Assert.Null(Cache(_root).Find(unused));
        Assert.NotNull(Cache(_root).Find(used));
    }

    [Fact]
    public void CreateTemporaryFolder_ContentsThatWereReplaced_OnlyTheLastOnesStay()
    {
        var contents = Enumerable.Range(1, 5).Select(number => Publish($"tag{number}", TimeSpan.FromHours(2 * number))).ToList();

        Cache(_root, TimeSpan.FromHours(12)).CreateTemporaryFolder();

        Assert.Equal(
            [false, false, false, true, true], contents.Select(content => Cache(_root, TimeSpan.FromHours(12)).Find(content) is not null));
    }

    [Fact]
    public void CreateTemporaryFolder_ContentsThatMayStillBeLoading_Stay()
    {
        var contents = Enumerable.Range(1, 5).Select(number => Publish($"tag{number}", TimeSpan.FromMinutes(number))).ToList();

        Cache(_root, TimeSpan.FromMinutes(30)).CreateTemporaryFolder();

        Assert.All(contents, content => Assert.NotNull(Cache(_root, TimeSpan.FromMinutes(30)).Find(content)));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static ModelCache Cache(string root, TimeSpan later = default) =>
        new(root, "store", new FakeTimeProvider(DateTimeOffset.UtcNow + later));

    private static ModelFiles Describe(ModelCache cache, IReadOnlyCollection<string> names) =>
        cache.GetModelFiles(Version, names, chosenFile: null);

    /// <summary>Publishes a content of version 1 that is last used at the given time from now.</summary>
    private ModelVersion Publish(string tag, TimeSpan after)
    {
        var cache = Cache(_root, after);
        var version = Version with { Tag = tag };
        cache.Publish(CreateDownload(cache), version);
        return version;
    }

    private static string CreateDownload(ModelCache cache)
    {
        var folder = cache.CreateTemporaryFolder();
        File.WriteAllBytes(Path.Combine(folder, ModelVersion.ModelFileName), new byte[Version.Size]);
        return folder;
    }
}
