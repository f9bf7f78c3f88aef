using System.Runtime.Versioning;
using Inference.Models.Files;
using Inference.Testing;

namespace Inference.Tests.Models;

[UnsupportedOSPlatform("windows")]
public sealed class PrivateFolderTests : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public void Ensure_Missing_IsMadeForThisUserAlone(string end)
    {
        Assert.Null(PrivateFolder.Ensure(_folder.Combine("cache") + end));
        Assert.Null(PrivateFolder.Ensure(_folder.Combine("cache") + end));

        Assert.Equal(Owner, File.GetUnixFileMode(_folder.Combine("cache")));
    }

    [Theory]
    [InlineData("theirs", "")]
    [InlineData("theirs", "/")]
    [InlineData("nowhere", "")]
    [InlineData("cache", "")]
    public void Ensure_ALinkInItsPlace_IsNotFollowed(string target, string end)
    {
        Directory.CreateDirectory(_folder.Combine("theirs"), Owner);
        File.CreateSymbolicLink(_folder.Combine("cache"), target);

        Assert.Equal("it is a link that may belong to another user", PrivateFolder.Ensure(_folder.Combine("cache") + end));
        Assert.False(Directory.Exists(_folder.Combine("nowhere")));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Ensure_OthersCanWrite_SaysSo(UnixFileMode mode)
    {
        Directory.CreateDirectory(_folder.Combine("cache"));
        File.SetUnixFileMode(_folder.Combine("cache"), Owner | mode);

        Assert.StartsWith("other users can write to it (mode 7", PrivateFolder.Ensure(_folder.Combine("cache")), StringComparison.Ordinal);
    }

    /// <summary>Root may set the mode of any folder, so for root the mode alone does not show that another user owns the folder.</summary>
    [Fact]
    public void Ensure_OfAnotherUser_SaysSo()
    {
        Directory.CreateDirectory(_folder.Combine("cache"), Owner);
        using var chown = System.Diagnostics.Process.Start("chown", ["65534", _folder.Combine("cache")]);
        chown.WaitForExit();
        // Only root can change the owner of a folder.
        if (chown.ExitCode == 0)
            Assert.Equal("it belongs to another user", PrivateFolder.Ensure(_folder.Combine("cache")));
    }

    public void Dispose() => _folder.Dispose();
}
