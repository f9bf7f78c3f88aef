using Inference.Models.Files;
using Inference.Testing;

namespace Inference.Tests.Models;

public sealed class FileStateTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Read_AFile_HasTheSizeAndTimeOfNet()
    {
        var path = Write("three");
        File.SetLastWriteTimeUtc(path, new DateTime(2001, 2, 3, 4, 5, 6, 789, DateTimeKind.Utc));

        var state = FileState.Read(path)!.Value;

        var file = new FileInfo(path);
        Assert.Equal((file.Length, file.LastWriteTimeUtc), (state.Length, state.LastWriteTimeUtc));
        Assert.Equal(DateTimeKind.Utc, state.LastWriteTimeUtc.Kind);
        Assert.Equal(state, FileState.Read(path));
    }

    [LinuxFact("other systems do not tell when an inode changed.")]
    public void Read_WrittenWithTheSameSizeAndTime_IsAnother()
    {
        var path = Write("one");
        var before = FileState.Read(path)!.Value;

        HiddenWrite.Overwrite(path, "two"u8.ToArray());

        var after = FileState.Read(path)!.Value;
        Assert.Equal((before.Length, before.LastWriteTimeUtc), (after.Length, after.LastWriteTimeUtc));
        Assert.NotEqual(before.ToString(), after.ToString());
    }

    [UnixFact]
    public void Read_ALink_IsTheTarget()
    {
        var path = Write("target");
        File.CreateSymbolicLink(_folder.Combine("link"), path);
        File.CreateSymbolicLink(_folder.Combine("broken"), _folder.Combine("nowhere"));

        Assert.Equal(FileState.Read(path), FileState.Read(_folder.Combine("link")));
        Assert.Null(FileState.Read(_folder.Combine("broken")));
        Assert.Null(FileState.Read(_folder.Combine("nowhere")));
        Assert.Null(FileState.Read(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string content)
    {
        var path = _folder.Combine("file");
        File.WriteAllText(path, content);
        return path;
    }
}
