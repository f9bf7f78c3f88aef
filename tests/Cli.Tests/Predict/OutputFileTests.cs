using System.Runtime.Versioning;
using System.Text;
using Inference.Testing;

namespace Cli.Tests.Predict;

/// <summary>Tests how the file of <c>predict --output</c> is created, replaced and deleted.</summary>
public sealed class OutputFileTests : IDisposable
{
    private const string Metadata = """{"name":"m","inputs":[],"outputs":[{"name":"y","datatype":"INT64","shape":[-1,-1]}]}""";
    private const string Response = """{"predictions":[[1,2]]}""";
    private const string Csv = "item,0,1\n0,1,2\n";

    private readonly TempFolder _folder = new();

    /// <summary>The response in the format of Hugging Face's inference is an array or an object of its own.</summary>
    [Theory]
    [InlineData("y.csv", """[{"label":"a","score":0.5}]""")]
    [InlineData("y.npy", """[{"label":"a","score":0.5}]""")]
    [InlineData("y.npz", """[{"label":"a","score":0.5}]""")]
    [InlineData("y.csv", """{"generated_text":"a"}""")]
    [InlineData("y.npz", """{"generated_text":"a"}""")]
    public async Task File_OfAResponseWithoutPredictions_StaysAsItWas(string name, string response)
    {
        await File.WriteAllTextAsync(_folder.Combine(name), "before");

        var result = await PredictAsync(name, response);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("The server's response has no predictions. Name a .json file", result.Error, StringComparison.Ordinal);
        Assert.Equal("before", await File.ReadAllTextAsync(_folder.Combine(name)));
        Assert.Equal([name], Names());
    }

    [Theory]
    [InlineData("""[{"label":"a","score":0.5}]""")]
    [InlineData("""{"generated_text":"a"}""")]
    public async Task JsonFile_OfAResponseWithoutPredictions_HasTheResponse(string response)
    {
        var result = await PredictAsync("y.json", response);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(("", response + "\n"), (result.Output, await File.ReadAllTextAsync(_folder.Combine("y.json"))));
    }

    /// <summary>The link /dev/stdout leads to a pipe here, which has no path.</summary>
    [Fact]
    public async Task Pipe_BehindALink_IsWrittenDirectly()
    {
        File.CreateSymbolicLink(_folder.Combine("y.csv"), "/dev/stdout");

        var result = await PredictAsync("y.csv", Response);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(Csv, result.Output);
        Assert.Equal(["y.csv"], Names());
    }

    /// <summary>The shell keeps the redirected file open. A new file of its name would not contain the output of the shell.</summary>
    [Fact]
    public async Task RedirectedStdout_BehindALink_IsContinued()
    {
        File.CreateSymbolicLink(_folder.Combine("y.csv"), "/dev/stdout");
        using var server = CreateServer(Response, () => { });

        var result = await CliProcess.RunRedirectedAsync(
            _folder.Combine("all.txt"),
            "predict", "m", "--data", "[[1],[2]]", "--output", _folder.Combine("y.csv"), "--endpoint", server.Address);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal($"first\n{Csv}last\n", await File.ReadAllTextAsync(_folder.Combine("all.txt")));
        Assert.Equal(["all.txt", "y.csv"], Names());
    }

    [LinuxFact("Only Linux has /proc.")]
    public async Task File_BelowAFolderOfTheProcess_IsCreated()
    {
        var result = await PredictAsync($"/proc/self/root{_folder.Combine("y.csv")}", Response);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(Csv, await File.ReadAllTextAsync(_folder.Combine("y.csv")));
        Assert.Equal(["y.csv"], Names());
    }

    [LinuxFact("Only Linux has /dev/full.")]
    public async Task DeviceWithoutRoom_IsNamedInTheError()
    {
        File.CreateSymbolicLink(_folder.Combine("y.csv"), "/dev/full");

        var result = await PredictAsync("y.csv", Response);

        Assert.Equal(1, result.ExitCode);
        var message = $"inferctl: \"{_folder.Combine("y.csv")}\" cannot be used: No space left on device.\n";
        Assert.Equal(message, result.Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Link_ToAFile_Stays(bool exists)
    {
        File.CreateSymbolicLink(_folder.Combine("y.csv"), "target.csv");
        if (exists)
            await File.WriteAllTextAsync(_folder.Combine("target.csv"), "before");

        var result = await PredictAsync("y.csv", Response);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["target.csv", "y.csv"], Names());
        Assert.Equal("target.csv", new FileInfo(_folder.Combine("y.csv")).LinkTarget);
        Assert.Equal(Csv, await File.ReadAllTextAsync(_folder.Combine("target.csv")));
    }

    [UnixTheory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)]
    public async Task File_ThatIsReplaced_KeepsItsPermissions(UnixFileMode mode)
    {
        await File.WriteAllTextAsync(_folder.Combine("y.csv"), "before");
        File.SetUnixFileMode(_folder.Combine("y.csv"), mode);

        var result = await PredictAsync("y.csv", Response);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(Csv, await File.ReadAllTextAsync(_folder.Combine("y.csv")));
        Assert.Equal(mode, File.GetUnixFileMode(_folder.Combine("y.csv")));
    }

    [Fact]
    public async Task File_ThatDoesNotFitOnTheDisk_IsDeleted()
    {
        const int Limit = 1024;
        const int Size = 2 << 20;
        var wasCalled = false;
        using var server = CreateServer($$"""{"predictions":["{{new string('x', Size)}}"]}""", () => wasCalled = true);

        var result = await CliProcess.RunWithFileLimitAsync(
            Limit, "predict", "m", "--data", "[[1],[2]]", "--output", _folder.Combine("y.json"), "--endpoint", server.Address);

        Assert.Equal((1, true), (result.ExitCode, wasCalled));
        Assert.Empty(Names());
    }

    [Fact]
    public async Task NumpyFile_OfAModelWithoutOutputs_IsNotCreated()
    {
        var result = await PredictAsync("y.npy", Response, """{"name":"m","inputs":[]}""");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("The response is not from an inference server", result.Error, StringComparison.Ordinal);
        Assert.Empty(Names());
    }

    public void Dispose() => _folder.Dispose();

    private async Task<CliResult> PredictAsync(string file, string response, string metadata = Metadata)
    {
        using var server = CreateServer(response, () => { }, metadata);
        return await CliProcess.RunAsync(
            "predict", "m", "--data", "[[1],[2]]", "--output", _folder.Combine(file), "--endpoint", server.Address);
    }

    /// <param name="onPrediction">Is called for each request for predictions.</param>
    private static HttpDouble CreateServer(string response, Action onPrediction, string metadata = Metadata) => new(context =>
    {
        var isPrediction = context.Request.HttpMethod == "POST";
        if (isPrediction)
            onPrediction();
        context.Response.ContentType = "application/json";
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(isPrediction ? response : metadata));
    });

    private List<string?> Names() => [.. Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order()];
}
