using System.Security.Cryptography;
using System.Text;
using Inference.Testing;

namespace Cli.Tests;

/// <summary><c>models pull</c> writes only into the version's folder, whatever names and contents a store sends.</summary>
public sealed class PullTests : IDisposable
{
    private readonly HostileStore _store = new();
    private readonly TempFolder _target = new();

    /// <summary>Doctor copies versions with the same code as pull, and checks all names in one process.</summary>
    [Fact]
    public async Task Doctor_NamesThatAreNoFilesOfTheVersion_AreAllRefused()
    {
        string[] names =
        [
            "../../fraud/9/model.onnx", "../2/model.onnx", "..", ".", "a/../../../../../../../../tmp/x", "a/..", "/etc/passwd", "a//b",
            "a/b//", "./a", "a/.",
            @"..\..\fraud\9\model.onnx", @"\\host\share\x", @"C:\x", "C:x", "weights.bin:stream", "a\0b", "a\nb", "a\r\nb", "a\tb",
            "a\u001b[2Jb", "a\u007fb", "a\u009bb",
            "a\u202etxt.bin", "a\u2066b", "a\u2028b", "a\ufeffb", "NUL", "nul.onnx", "a/con.txt", "AUX/a", "CONIN$", "com1", "Lpt¹.bin",
            "dot.", "dot./a", "blank ", "what?", "a*", "<a", "a|b",
            "\"a", "Model.ONNX", "MODEL.onnx/a", "model.onnx/a", "model.onnx", new string('a', 256),
            string.Join('/', Enumerable.Repeat("a", 40)),
        ];
        foreach (var (name, index) in names.Select((name, index) => (name, index)))
        {
            _store.Add($"m{index}/1/model.onnx", "model"u8);
            _store.Add($"m{index}/1/{name}", "x"u8);
        }

        var result = await CliProcess.RunAsync("doctor", "--store", _store.Address, "--endpoint", "http://127.0.0.1:1");

        Assert.All(Enumerable.Range(0, names.Length), index =>
            Assert.Matches($@"\nm{index}/1 trial +wrong +.* is not a valid file name: ", result.Output));
        TerminalTests.AssertPrinted(result);
    }

    [Theory]
    [InlineData("../../fraud/9/model.onnx")]
    [InlineData("/etc/passwd")]
    [InlineData("a\nb")]
    [InlineData("Model.ONNX")]
    public async Task Pull_NameThatIsNoFileOfTheVersion_WritesNothing(string name)
    {
        _store.Add($"iris/1/{name}", "x"u8);

        AssertRefused(await _store.PullAsync(_target), "is not a valid file name");
    }

    [Fact]
    public async Task Pull_ListingOfAnotherFolder_WritesNothing()
    {
        using var store = new HostileStore { IgnoresPrefixes = true };
        store.Add("fraud/9/model.onnx", "x"u8);

        AssertRefused(await store.PullAsync(_target), "among the files of");
    }

    [Theory]
    [InlineData(
        "<!DOCTYPE html><html><head><meta charset=utf-8></head><body>Welcome</body></html>", "does not respond like blob storage")]
    [InlineData("""{"models":[]}""", "does not respond like blob storage")]
    [InlineData("", "does not respond like blob storage")]
    [InlineData("<EnumerationResults><Blobs><Blob><Name>iris/1/model.onnx</Name></Blob></Blobs></EnumerationResults>",
        "does not respond like blob storage")]
    [InlineData(
        "<EnumerationResults><Blobs><Blob><Name>iris/1/model.onnx</Name><Properties><Content-Length>many</Content-Length></Properties></Blob></Blobs></EnumerationResults>",
        "does not respond like blob storage")]
    [InlineData("<EnumerationResults><Blobs></Blobs><NextMarker>more</NextMarker></EnumerationResults>", "lists files without end")]
    [InlineData("<other/>", "does not respond like blob storage")]
    public async Task Pull_ListingThatIsNone_WritesNothing(string listing, string message)
    {
        using var store = new HostileStore { ListingText = listing };

        AssertRefused(await store.PullAsync(_target), message);
    }

    [Fact]
    public async Task Pull_BlobsWithoutTheHeadersOfTheService_AreCopiedAsTheyAre()
    {
        using var store = new HostileStore { IsTerse = true };

        var result = await store.PullAsync(_target);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("model", await File.ReadAllTextAsync(_target.Combine("models", "iris", "1", "model.onnx")));
    }

    /// <summary>Settings apply to all versions of a model, so a pull does not write them.</summary>
    [Fact]
    public async Task Pull_OfAModelWithSettings_NamesTheFilesThatStayBehind()
    {
        _store.Add("iris/model.json", "{}"u8);
        _store.Add("iris/config.pbtxt", "max_batch_size: 0"u8);

        var result = await _store.PullAsync(_target);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains(
            "are not pulled: model.json, config.pbtxt. To serve the model with", result.Error, StringComparison.Ordinal);
        Assert.Equal(["1"], Directory.GetFileSystemEntries(_target.Combine("models", "iris")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Pull_FarTooManyFiles_WritesNothing()
    {
        for (var file = 0; file < 10_000; file++)
            _store.Add($"iris/1/{file}", "x"u8);

        AssertRefused(await _store.PullAsync(_target), "10001 files; at most 10000 are copied");
    }

    [Theory]
    [InlineData(long.MaxValue, "that are free at")]
    [InlineData(-1, "lists \"iris/1/weights.bin\" without a valid size")]
    [InlineData(3, "has more than the listed 3 bytes")]
    [InlineData(7, "has fewer than the listed 7 bytes")]
    public async Task Pull_OtherSizeThanListed_LeavesNothing(long size, string message)
    {
        _store.Add("iris/1/weights.bin", "12345"u8, size);

        AssertRefused(await _store.PullAsync(_target), message);
    }

    /// <summary>The settings are read, because they may name one of the two model files.</summary>
    [Theory]
    [InlineData(-2, "lists \"iris/model.json\" without a valid size")]
    [InlineData(1, "changed while it was read: its size was 1 byte.")]
    [InlineData(3, "changed while it was read: its size was 3 bytes.")]
    public async Task Pull_SettingsOfAnotherSizeThanListed_LeavesNothing(long size, string message)
    {
        _store.Add("iris/1/other.onnx", "model"u8);
        _store.Add("iris/model.json", "{}"u8, size);

        AssertRefused(await _store.PullAsync(_target), message);
    }

    [Theory]
    [InlineData("iris")]
    [InlineData("iris/1")]
    public async Task Pull_LinkInTheWay_WritesNothingBehindIt(string link)
    {
        Directory.CreateDirectory(_target.Combine("elsewhere"));
        Directory.CreateDirectory(Path.GetDirectoryName(_target.Combine("models", link))!);
        Directory.CreateSymbolicLink(_target.Combine("models", link), _target.Combine("elsewhere"));

        var result = await _store.PullAsync(_target);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(link == "iris" ? "is a link" : "already exists", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_target.Combine("elsewhere")));
    }

    [Theory]
    [InlineData("", "\"model.onnx\" is in the folder, but not listed")]
    [InlineData("model.onnx weights.bin", "\"weights.bin\" is listed, but the folder has no such file")]
    [InlineData("model.onnx!", "\"model.onnx\" has the digest")]
    public async Task Pull_OtherFilesThanTheManifestLists_LeavesNothing(string listed, string message)
    {
        if (listed.Length == 0)
        {
            _store.Add("iris/1/labels.txt", "a"u8);
            (listed, message) = ("model.onnx", message.Replace("model.onnx", "labels.txt", StringComparison.Ordinal));
        }

        _store.Add("iris/1/model.sha256", Manifest(listed));

        AssertRefused(await _store.PullAsync(_target), message);
    }

    [Fact]
    public async Task Pull_WithItsManifest_IsWholeAndHasNothingElseBesideIt()
    {
        _store.Add("iris/1/model.sha256", Manifest("model.onnx"));
        _store.Add("iris/1/größe/שם.txt", "x"u8);
        var unlisted = await _store.PullAsync(_target);
        using var good = new HostileStore();
        good.Add("iris/1/model.sha256", Manifest("model.onnx"));

        var result = await good.PullAsync(_target);

        AssertRefused(unlisted, "not listed", emptyTarget: false);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["model.onnx", "model.sha256"], Files(_target.Combine("models", "iris", "1")));
        Assert.Equal(["iris"], Directory.GetFileSystemEntries(_target.Combine("models")).Select(Path.GetFileName));
        var again = await good.PullAsync(_target);
        Assert.Contains("already exists", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_PublicKey_AcceptsOnlySignedVersions()
    {
        using var made = new TempFolder();
        Directory.CreateDirectory(made.Combine("signed", "1"));
        await File.WriteAllTextAsync(made.Combine("signed", "1", "model.onnx"), "model");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(made.Combine("private.pem"), key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(made.Combine("public.pem"), key.ExportSubjectPublicKeyInfoPem());
        await File.WriteAllTextAsync(made.Combine("other.pem"), other.ExportSubjectPublicKeyInfoPem());
        await File.WriteAllTextAsync(made.Combine("no.pem"), "none");
        string[] pull = ["models", "pull", "signed", _target.Combine("models"), "--store", made.Path, "--public-key"];

        var unsigned = await CliProcess.RunAsync([.. pull, made.Combine("public.pem")]);
        await CliProcess.RunSuccessfullyAsync("models", "sign", made.Combine("signed", "1"), "--private-key", made.Combine("private.pem"));
        var byOther = await CliProcess.RunAsync([.. pull, made.Combine("other.pem")]);
        var byNone = await CliProcess.RunAsync([.. pull, made.Combine("no.pem")]);
        var signed = await CliProcess.RunAsync([.. pull, made.Combine("public.pem")]);

        Assert.Equal((1, 1, 2, 0), (unsigned.ExitCode, byOther.ExitCode, byNone.ExitCode, signed.ExitCode));
        Assert.Contains("which --public-key requires", unsigned.Error, StringComparison.Ordinal);
        Assert.Equal(Files(made.Combine("signed", "1")), Files(_target.Combine("models", "signed", "1")));
    }

    [Fact]
    public async Task PushAndRemove_LinkInAFolderOfModels_ChangeNothingBehindIt()
    {
        using var made = new TempFolder();
        Directory.CreateDirectory(made.Combine("store", "iris"));
        Directory.CreateDirectory(made.Combine("elsewhere"));
        await File.WriteAllTextAsync(made.Combine("elsewhere", "model.onnx"), "model");
        Directory.CreateSymbolicLink(made.Combine("store", "iris", "1"), made.Combine("elsewhere"));
        Directory.CreateDirectory(made.Combine("notes"));
        Directory.CreateSymbolicLink(made.Combine("store", "rose"), made.Combine("notes"));
        Directory.CreateDirectory(made.Combine("pushed", "1"));
        TestModels.CopyTo("passthrough", made.Combine("pushed", "1"));

        var removed = await CliProcess.RunAsync("models", "remove", "iris", "--version", "1", "--yes", "--store", made.Combine("store"));
        var pushed = await CliProcess.RunAsync(
            "models", "push", made.Combine("pushed", "1"), "rose", "--load-only", "--store", made.Combine("store"));

        Assert.Equal((1, 1), (removed.ExitCode, pushed.ExitCode));
        Assert.All([removed.Error, pushed.Error], error => Assert.Contains("is a link", error, StringComparison.Ordinal));
        Assert.Equal(["model.onnx"], Files(made.Combine("elsewhere")));
        Assert.Empty(Files(made.Combine("notes")));
    }

    /// <summary>Other users may write to a shared folder of models, and may link to files that they cannot read themselves.</summary>
    [Theory]
    [InlineData("labels.txt", "secret", "a link that leads out")]
    [InlineData("sub", "", "a link that leads out")]
    [InlineData("gone", "nowhere", "a link that leads nowhere")]
    public async Task Pull_LinkOutOfTheVersion_CopiesNothing(string name, string target, string message)
    {
        using var store = new TempFolder();
        using var secrets = new TempFolder();
        File.WriteAllText(secrets.Combine("secret"), "password");
        Directory.CreateDirectory(store.Combine("iris", "1"));
        File.WriteAllText(store.Combine("iris", "1", "model.onnx"), "model");
        File.CreateSymbolicLink(store.Combine("iris", "1", name), secrets.Combine(target));

        var result = await CliProcess.RunAsync("models", "pull", "iris", _target.Path, "--store", store.Path);

        Assert.Equal(1, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_target.Path));
    }

    [Fact]
    public async Task Pull_LinksWithinTheVersion_CopiesTheTargets()
    {
        using var store = new TempFolder();
        Directory.CreateDirectory(store.Combine("iris", "1", "..data"));
        File.WriteAllText(store.Combine("iris", "1", "..data", "model.onnx"), "the model");
        File.CreateSymbolicLink(store.Combine("iris", "1", "model.onnx"), "..data/model.onnx");

        var result = await CliProcess.RunAsync("models", "pull", "iris", _target.Path, "--store", store.Path);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["model.onnx"], Directory.EnumerateFileSystemEntries(_target.Combine("iris", "1")).Select(Path.GetFileName));
        Assert.Equal("the model", File.ReadAllText(_target.Combine("iris", "1", "model.onnx")));
    }

    public void Dispose()
    {
        _store.Dispose();
        _target.Dispose();
    }

    /// <summary>Asserts that one line gives the reason, and that no file or folder is left.</summary>
    private void AssertRefused(CliResult result, string message, bool emptyTarget = true)
    {
        Assert.Equal(1, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.Single(result.Error.Split('\n'), line => line.StartsWith("inferctl: ", StringComparison.Ordinal));
        TerminalTests.AssertPrinted(result);
        if (emptyTarget)
            Assert.Empty(Directory.Exists(_target.Combine("models")) ? Directory.GetFileSystemEntries(_target.Combine("models")) : []);
        Assert.True(Directory.GetFileSystemEntries(_target.Path).Length <= 1, "Something was written beside the folder of models.");
    }

    private static byte[] Manifest(string listed) => Encoding.UTF8.GetBytes(string.Concat(listed.Split(' ').Select(name =>
        $"{(name[^1] == '!' ? new string('0', 64) : Convert.ToHexStringLower(SHA256.HashData("model"u8)))}  {name.TrimEnd('!')}\n")));

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
}
