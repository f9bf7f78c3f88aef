using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Pushes models into a folder from which a server loads them.</summary>
public sealed class FolderStoreTests : IDisposable
{
    private const string Features = "{\"features\":[1,0,0,0]}";

    private readonly ModelFolder _served = new();
    private readonly ModelFolder _made = new();

    [Fact]
    public async Task Push_WhileRequestsFlow_SwitchesThemAllToTheNewVersion()
    {
        _made.WriteScaling("first", 1, 2);
        _made.WriteScaling("second", 1, 3);
        await CliProcess.RunSuccessfullyAsync("models", "push", _made.PathOf("first", "1"), "scaling", "--store", _served.Path);
        await using var server = await _served.ServeAsync(("Models__ReloadInterval", "0"), ("Models__RequireManifest", "true"));
        var switched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var done = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => CallAsync(server, switched, done.Token)).ToArray();

        var pushed = await CliProcess.RunForJsonAsync(
            "models", "push", _made.PathOf("second", "1", "model.onnx"), "scaling", "--store", _served.Path, "--load", "--endpoint",
            server.Client.BaseAddress!.AbsoluteUri);
        // A caller that ends before has failed.
        await await Task.WhenAny(callers.Append(switched.Task)).WaitAsync(WaitLimit.Step);
        await done.CancelAsync();
        await Task.WhenAll(callers);

        Assert.Equal(2, pushed.GetProperty("version").GetInt32());
        Assert.Equal(
            "[[3,0,0,0]]", (await server.PostJsonAsync("/models/scaling/predict", Features)).GetProperty("predictions").ToString());
    }

    [Fact]
    public async Task Push_ModelThatDoesNotLoadOrAnExistingNumber_StoresNothing()
    {
        _made.Write("no model", "broken", "1", "model.onnx");
        _made.WriteScaling("good", 1, 2);
        _made.WriteScaling("other", 1, 3);
        await CliProcess.RunSuccessfullyAsync("models", "push", _made.PathOf("good", "1"), "good", "--store", _served.Path);

        var broken = await CliProcess.RunAsync("models", "push", _made.PathOf("broken", "1"), "broken", "--store", _served.Path);
        var taken =
            await CliProcess.RunAsync("models", "push", _made.PathOf("other", "1"), "good", "--version", "1", "--store", _served.Path);
        var again =
            await CliProcess.RunForJsonAsync(
                "models", "push", _made.PathOf("good", "1"), "good", "--version", "1", "--store", _served.Path);

        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("does not load", broken.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_served.PathOf("broken")));
        Assert.Equal(1, taken.ExitCode);
        Assert.Contains("cannot be changed. Leave out --version", taken.Error, StringComparison.Ordinal);
        Assert.False(again.GetProperty("pushed").GetBoolean());
    }

    /// <summary>In the cache of Hugging Face's hub, the files of a snapshot are links to blobs, whose names are digests.</summary>
    [Fact]
    public async Task Push_SnapshotOfAHubCache_StoresTheTargetsOfItsLinks()
    {
        const string Repository = "models--org--scaling";
        _made.WriteScaling("model", 1, 2);
        _made.Write(File.ReadAllBytes(_made.PathOf("model", "1", "model.onnx")), Repository, "blobs", "3f1a");
        _made.Write("a\nb\nc\nd\n", Repository, "blobs", "77c0");
        _made.Shell(Repository,
            "mkdir -p snapshots/8e2b/onnx && ln -s ../../../blobs/3f1a snapshots/8e2b/onnx/model.onnx && ln -s ../../blobs/77c0 "
            + "snapshots/8e2b/labels.txt");

        var whole =
            await CliProcess.RunAsync("models", "push", _made.PathOf(Repository, "snapshots", "8e2b"), "whole", "--store", _served.Path);
        var part = await CliProcess.RunAsync(
            "models", "push", _made.PathOf(Repository, "snapshots", "8e2b", "onnx"), "part", "--store", _served.Path);

        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.True(part.ExitCode == 0, part.Error);
        Assert.Equal(File.ReadAllBytes(_made.PathOf("model", "1", "model.onnx")),
            File.ReadAllBytes(_served.PathOf("whole", "1", "onnx", "model.onnx")));
        Assert.Equal("a\nb\nc\nd\n", await File.ReadAllTextAsync(_served.PathOf("whole", "1", "labels.txt")));
        Assert.Null(new FileInfo(_served.PathOf("part", "1", "model.onnx")).LinkTarget);
    }

    [Theory]
    [InlineData("../../../secret", "is a link that leads out of")]
    [InlineData("../../blobs/none", "is a link that leads nowhere")]
    public async Task Push_SnapshotWithALinkOutOfItsCache_StoresNothing(string target, string message)
    {
        _made.WriteScaling("hub", 1, 2);
        _made.Write("of somebody else", "secret");
        _made.Write("", "hub", "blobs", "3f1a");
        _made.Shell("hub", $"mkdir -p snapshots/8e2b && mv 1/model.onnx snapshots/8e2b/ && ln -s {target} snapshots/8e2b/labels.txt");

        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("hub", "snapshots", "8e2b"), "hub", "--store", _served.Path);

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.False(Directory.Exists(_served.PathOf("hub")));
    }

    [Fact]
    public async Task Push_FolderWithALink_SaysHowToCopyIt()
    {
        _made.WriteScaling("linked", 1, 2);
        _made.Shell("linked/1", "ln -s /etc/hostname labels.txt");

        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("linked", "1"), "linked", "--store", _served.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("cp -rL", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_AfterAnInterruptedOne_Resumes()
    {
        _made.WriteScaling("large", 1, 2);
        var weights = new byte[3 << 20];
        new Random(1).NextBytes(weights);
        _made.Write(weights, "large", "1", "weights.bin");
        // The first file is left by a killed push of the same version, the second one by an earlier push of other files.
        _served.Write(weights[..(2 << 20)], "large", "1", "weights.bin.part");
        _served.Write("of another", "large", "1", "other.bin");

        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("large", "1"), "large", "--store", _served.Path);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("2.0 MiB were already sent by an interrupted push", result.Error, StringComparison.Ordinal);
        Assert.Equal(
            ["model.onnx", "model.sha256", "weights.bin"],
            Directory.GetFiles(_served.PathOf("large", "1")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        _served.Shell("large/1", "sha256sum --check --strict model.sha256");
    }

    [Fact]
    public async Task Sign_ThenPush_IsAcceptedByAServerThatHasTheKeyAndVerified()
    {
        _made.WriteScaling("signed", 1, 2);
        _made.Write("""{"versions":{"minimum":1}}""", "signed", "model.json");
        _made.Shell(
            "", "openssl ecparam -name prime256v1 -genkey -noout -out signing.pem && openssl ec -in signing.pem -pubout -out public.pem");
        string[] key = ["--private-key", _made.PathOf("signing.pem")];
        var early = await CliProcess.RunAsync(["models", "sign", _made.PathOf("signed", "1"), .. key]);
        await CliProcess.RunSuccessfullyAsync(["models", "sign", _made.PathOf("signed"), .. key]);
        await CliProcess.RunSuccessfullyAsync(["models", "sign", _made.PathOf("signed", "1"), .. key]);
        await CliProcess.RunSuccessfullyAsync("models", "push", _made.PathOf("signed", "1"), "signed", "--store", _served.Path);
        var elsewhere = await CliProcess.RunAsync("models", "push", _made.PathOf("signed", "1"), "other", "--store", _served.Path);
        _served.Shell("signed", $"cp {_made.PathOf("signed", "model.json")} {_made.PathOf("signed", "settings.sig")} .");
        await using var server = await _served.ServeAsync(("Models__PublicKey", _made.PathOf("public.pem")));
        string[] verify = ["models", "verify", "signed", "--store", _served.Path, "--public-key", _made.PathOf("public.pem")];

        await server.PostJsonAsync("/models/signed/predict", Features);
        await CliProcess.RunSuccessfullyAsync(verify);
        _served.Write("""{"timeouts":{"request":"00:00:09"}}""", "signed", "model.json");
        var changedSettings = await CliProcess.RunAsync(verify);
        var pulled = await CliProcess.RunAsync([.. verify[..1], "pull", "signed", _made.PathOf("pulled"), .. verify[3..]]);
        File.Delete(_served.PathOf("signed", "model.json"));
        File.Delete(_served.PathOf("signed", "settings.sig"));
        var noSettings = await CliProcess.RunAsync(verify);
        _served.Shell("signed", $"cp {_made.PathOf("signed", "model.json")} {_made.PathOf("signed", "settings.sig")} .");
        _served.WriteScaling("signed", 1, 4);
        var changed = await CliProcess.RunAsync(verify);

        Assert.Contains("has a model.json that is not signed. Sign it first", early.Error, StringComparison.Ordinal);
        Assert.Contains("was signed for \"signed/1\", not for \"other/1\"", elsewhere.Error, StringComparison.Ordinal);
        Assert.Equal((1, 1, 1, 1), (changedSettings.ExitCode, pulled.ExitCode, noSettings.ExitCode, changed.ExitCode));
        Assert.Contains("settings.sig:", changedSettings.Error, StringComparison.Ordinal);
        Assert.Contains("\"model.json\" has the digest", changedSettings.Error, StringComparison.Ordinal);
        Assert.Contains("\"model.json\" has the digest", pulled.Error, StringComparison.Ordinal);
        Assert.Contains("and the store has no signed settings", noSettings.Error, StringComparison.Ordinal);
        Assert.Contains("model.onnx differs from the listed file", changed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public.pem", "signed/1", "has no private key on P-256")]
    [InlineData("signing.pem", "signed", "has neither a model.onnx nor a model.json or config.pbtxt to sign")]
    [InlineData("signing.pem", "signed/next", "\"next\" is not the number of a version")]
    public async Task Sign_NotAKeyOrNothingToSign_NamesTheExpectedValue(string key, string folder, string reason)
    {
        _made.WriteScaling("signed", 1, 2);
        _made.Write("model", "signed", "next", "model.onnx");
        _made.Shell(
            "", "openssl ecparam -name prime256v1 -genkey -noout -out signing.pem && openssl ec -in signing.pem -pubout -out public.pem");

        var result = await CliProcess.RunAsync("models", "sign", _made.PathOf(folder), "--private-key", _made.PathOf(key));

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(reason, result.Error);
    }

    [Theory]
    [InlineData("/etc/hostname", "a link that leads out")]
    [InlineData("nowhere", "a link that leads nowhere")]
    public async Task Sign_SettingsBehindALinkOut_IsRefused(string target, string reason)
    {
        Directory.CreateDirectory(_made.PathOf("signed"));
        File.CreateSymbolicLink(_made.PathOf("signed", "model.json"), target);
        _made.Shell("", "openssl ecparam -name prime256v1 -genkey -noout -out signing.pem");

        var result = await CliProcess.RunAsync("models", "sign", _made.PathOf("signed"), "--private-key", _made.PathOf("signing.pem"));

        Assert.NotEqual(0, result.ExitCode);
        AssertText.Contains(reason, result.Error);
    }

    [Fact]
    public async Task PullAndRemove_AVersion_CopyItWholeAndDeleteIt()
    {
        _made.WriteScaling("scaling", 1, 2);
        using var target = new TempFolder();
        await CliProcess.RunSuccessfullyAsync(
            "models", "push", _made.PathOf("scaling", "1"), "scaling", "--version", "7", "--store", _served.Path);

        await CliProcess.RunSuccessfullyAsync("models", "pull", "scaling", target.Path + "/", "--store", _served.Path + "/");
        var asked = await CliProcess.RunAsync("models", "remove", "scaling", "--version", "7", "--store", _served.Path);
        await CliProcess.RunSuccessfullyAsync("models", "remove", "scaling", "--version", "7", "--yes", "--store", _served.Path);

        Assert.Equal(
            File.ReadAllBytes(_made.PathOf("scaling", "1", "model.onnx")), File.ReadAllBytes(target.Combine("scaling", "7", "model.onnx")));
        Assert.Equal((2, "inferctl: There is no terminal for the confirmation. Add --yes.\n"), (asked.ExitCode, asked.Error));
        Assert.False(Directory.Exists(_served.PathOf("scaling")));
    }

    [Fact]
    public async Task PullAndRemove_ModelWithoutVersionFolders_CopyItsFilesAndDeleteNoFolder()
    {
        _made.WriteScaling("made", 1, 2);
        var model = File.ReadAllBytes(_made.PathOf("made", "1", "model.onnx"));
        _served.Write(model, "flat", "onnx", "model.onnx");
        _served.Write("{}", "flat", "config.json");
        _served.Write("weights", "flat", "model.safetensors");
        _served.Write(model, "bare.onnx");

        foreach (var name in (string[])["flat", "bare"])
            await CliProcess.RunSuccessfullyAsync("models", "pull", name, _made.PathOf("pulled"), "--store", _served.Path);
        var flat = await CliProcess.RunAsync("models", "remove", "flat", "--version", "1", "--yes", "--store", _served.Path);
        var bare = await CliProcess.RunAsync("models", "remove", "bare", "--version", "1", "--yes", "--store", _served.Path);

        var pulled = Directory.GetFileSystemEntries(_made.PathOf("pulled", "flat", "1")).Select(Path.GetFileName).Order();
        Assert.Equal(["config.json", "onnx"], pulled);
        Assert.Equal(model, File.ReadAllBytes(_made.PathOf("pulled", "flat", "1", "onnx", "model.onnx")));
        Assert.Equal(model, File.ReadAllBytes(_made.PathOf("pulled", "bare", "1", "bare.onnx")));
        Assert.Equal((1, 0), (flat.ExitCode, bare.ExitCode));
        Assert.Contains("has no version folders", flat.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_served.PathOf("flat", "onnx", "model.onnx")));
        Assert.False(File.Exists(_served.PathOf("bare.onnx")));
    }

    [Fact]
    public async Task Remove_IncompleteVersion_DeletesItsFilesAlone()
    {
        _served.WriteScaling("m", 1, 2);
        _served.Write("half", "m", "02", "weights.bin.part");

        await CliProcess.RunSuccessfullyAsync("models", "remove", "m", "--version", "2", "--yes", "--store", _served.Path);
        var again = await CliProcess.RunAsync("models", "remove", "m", "--version", "2", "--yes", "--store", _served.Path);

        Assert.Equal(["1"], Directory.EnumerateDirectories(_served.PathOf("m")).Select(Path.GetFileName));
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("There is no version 2 of m", again.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"bad name\" is not the name of a model", "models", "push", "x", "bad name", "--store", "x")]
    [InlineData("\"bad name\" is not the name of a model", "models", "pull", "bad name", "x", "--store", "x")]
    [InlineData("\"bad name\" is not the name of a model", "models", "remove", "bad name", "--version", "1", "--store", "x")]
    [InlineData("--store is empty.", "models", "verify", "m", "--store", "")]
    [InlineData("\"no.pem\", which --public-key names, does not exist.", "models", "verify", "m", "--store", "x", "--public-key", "no.pem")]
    [InlineData("\"nokey.pem\", which --private-key names, does not exist.", "models", "sign", "m", "--private-key", "nokey.pem")]
    public async Task Command_WithAWrongValue_IsWrongUsage(string message, params string[] arguments)
    {
        var result = await CliProcess.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith($"inferctl: {message}", result.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _served.Dispose();
        _made.Dispose();
    }

    private static async Task CallAsync(FunctionsProcess server, TaskCompletionSource switched, CancellationToken cancellationToken)
    {
        var last = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var answer = await server.PostJsonAsync("/models/scaling/predict", Features);
            var version = answer.GetProperty("version").GetInt32();
            Assert.Equal($"[[{version + 1},0,0,0]]", answer.GetProperty("predictions").ToString());
            Assert.True(version >= last, "An older version answered after a newer one.");
            last = version;
            if (version == 2)
                switched.TrySetResult();
        }
    }
}
