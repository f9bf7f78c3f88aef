using System.IO.Compression;
using System.Runtime.InteropServices;
using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>
/// Writes predictions to a file in the format of the file's extension. A NumPy array that passes through an identity model stays the same.
/// </summary>
public sealed class NumpyOutputTests(NumpyOutputTests.Served served) : IClassFixture<NumpyOutputTests.Served>, IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("identity_float", "<f4", "0000c03fcdcccc3d000020c1")]
    [InlineData("identity_double", "<f8", "9a9999999999b93fffffffffffffef7f0000000000000080")]
    [InlineData("identity_float16", "<f2", "003cff7b01c0")]
    [InlineData("identity_int8", "|i1", "807f00")]
    [InlineData("identity_int64", "<i8", "0000000000000080ffffffffffffff7f0100000000000000")]
    [InlineData("identity_uint64", "<u8", "ffffffffffffffff00000000000000000100000000000000")]
    [InlineData("identity_bool", "|b1", "010001")]
    public async Task Npy_OfAModelThatReturnsItsInput_IsTheSameArray(string model, string descriptor, string data)
    {
        var values = Convert.FromHexString(data);
        await File.WriteAllBytesAsync(_folder.Combine("x.npy"), NpyContent.Create(descriptor, "(3,)", values));

        var printed = await PredictAsync(model, "--file", _folder.Combine("x.npy"), "--batch", "2", "--output", _folder.Combine("y.npy"));

        Assert.Equal("", printed);
        var written = await File.ReadAllBytesAsync(_folder.Combine("y.npy"));
        Assert.Equal((descriptor, "3,"), NpyContent.Read(written, out var content));
        Assert.Equal(values, content);
    }

    [Fact]
    public async Task Npz_OfSeveralOutputs_HasAnArrayForEach()
    {
        const string Items = """{"inputs":{"a":[[1,2,3],[4,5,6]],"b":[[10,20,30],[40,50,60]]}}""";

        await PredictAsync("two_in_two_out", "--data", Items, "--output", _folder.Combine("y.npz"));
        var refused = await CliProcess.RunAsync(
            "predict", "two_in_two_out", "--data", Items, "--output", _folder.Combine("y.npy"), "--endpoint", served.Endpoint);

        using var archive = ZipFile.OpenRead(_folder.Combine("y.npz"));
        Assert.Equal(["product.npy", "sum.npy"], archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using var entry = archive.GetEntry("sum.npy")!.Open();
        using var sum = new MemoryStream();
        await entry.CopyToAsync(sum);
        Assert.Equal(("<f4", "2, 3"), NpyContent.Read(sum.ToArray(), out var content));
        Assert.Equal<float>([11, 22, 33, 44, 55, 66], MemoryMarshal.Cast<byte, float>(content).ToArray());
        Assert.Equal((2, true), (refused.ExitCode, refused.Error.Contains("Name an .npz file", StringComparison.Ordinal)));
        Assert.False(File.Exists(_folder.Combine("y.npy")));
    }

    [Fact]
    public async Task Npz_OfAMap_HasAnArrayForEachLabel()
    {
        await PredictAsync("zipmap", "--data", "[[0.25,0.75],[1,0]]", "--output", _folder.Combine("y.npz"));

        using var archive = ZipFile.OpenRead(_folder.Combine("y.npz"));
        Assert.Equal(["0.npy", "1.npy"], archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using var entry = archive.GetEntry("1.npy")!.Open();
        using var scores = new MemoryStream();
        await entry.CopyToAsync(scores);
        Assert.Equal(("<f4", "2,"), NpyContent.Read(scores.ToArray(), out var content));
        Assert.Equal<float>([0.75f, 0], MemoryMarshal.Cast<byte, float>(content).ToArray());
    }

    [Fact]
    public async Task Npy_OfValuesThatAreNoNumbers_KeepsThem()
    {
        await PredictAsync("not_finite", "--data", "[-1,0]", "--output", _folder.Combine("y.npy"));

        NpyContent.Read(await File.ReadAllBytesAsync(_folder.Combine("y.npy")), out var content);
        Assert.Equal<float>([float.NaN, float.NegativeInfinity], MemoryMarshal.Cast<byte, float>(content).ToArray());
    }

    [Fact]
    public async Task Npy_OfAPicture_HasItsOnePrediction()
    {
        // 2 x 2 pixels of (255, 128, 0).
        const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP438AARAwQCgAt7gX9iz9uhAAAAABJRU5ErkJggg==";
        await File.WriteAllBytesAsync(_folder.Combine("x.png"), Convert.FromBase64String(Png));

        await PredictAsync("pixels", "--file", _folder.Combine("x.png"), "--output", _folder.Combine("y.npy"));

        Assert.Equal(("<f4", "1, 3"), NpyContent.Read(await File.ReadAllBytesAsync(_folder.Combine("y.npy")), out var content));
        Assert.Equal<float>([255, 128, 0], MemoryMarshal.Cast<byte, float>(content).ToArray());
    }

    [Theory]
    [InlineData("y.csv", "item,0,1,2,3\n0,2,4,6,8\n1,0,0,0,2\n")]
    [InlineData("y.json", "{\"item\":0,\"prediction\":[2,4,6,8]}\n{\"item\":1,\"prediction\":[0,0,0,2]}\n")]
    public async Task Text_IsWrittenToTheFileInItsFormat(string name, string content)
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), "1,2,3,4\n0,0,0,1\n");

        var printed = await PredictAsync("fixed_batch", "--file", _folder.Combine("x.csv"), "--output", _folder.Combine(name));

        Assert.Equal(("", content), (printed, await File.ReadAllTextAsync(_folder.Combine(name))));
    }

    [Theory]
    [InlineData("y.csv")]
    [InlineData("y.json")]
    [InlineData("y.npy")]
    [InlineData("y.npz")]
    public async Task Output_OfAFailedCommand_IsNotWritten(string name)
    {
        // The first request succeeds. The server refuses the second one, because nothing of the text can be a missing value.
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), "1,2,3,4\n1,2,3,1e39\n");
        string[] command = ["predict", "fixed_batch", "--file", _folder.Combine("x.csv"), "--batch", "1",
            "--output", _folder.Combine(name), "--endpoint", served.Endpoint];

        var failed = await CliProcess.RunAsync(command);
        var after = Directory.GetFiles(Path.GetDirectoryName(_folder.Combine(name))!).Select(Path.GetFileName).ToList();
        await File.WriteAllTextAsync(_folder.Combine(name), "before");
        var again = await CliProcess.RunAsync(command);

        Assert.Equal((1, 1), (failed.ExitCode, again.ExitCode));
        Assert.Equal(["x.csv"], after);
        Assert.Equal("before", await File.ReadAllTextAsync(_folder.Combine(name)));
    }

    [Theory]
    [InlineData("must end with .csv, .json, .npy or .npz", "identity_float", "y.txt")]
    [InlineData("decides the file's format", "identity_float", "y.npy", "--format", "csv")]
    [InlineData("Output y has the type BYTES", "identity_string", "y.npy")]
    public async Task Output_ThatCannotBe_SaysWhy(string message, string model, string name, params string[] more)
    {
        var result = await CliProcess.RunAsync(
            ["predict", model, "--data", "[\"1\"]", "--output", _folder.Combine(name), "--endpoint", served.Endpoint, .. more]);

        Assert.Equal((2, true), (result.ExitCode, result.Error.Contains(message, StringComparison.Ordinal)));
    }

    public void Dispose() => _folder.Dispose();

    private Task<string> PredictAsync(params string[] arguments) =>
        CliProcess.RunSuccessfullyAsync(["predict", .. arguments, "--endpoint", served.Endpoint]);

    /// <summary>A server with small models of all datatypes.</summary>
    public sealed class Served : IAsyncLifetime
    {
        private readonly ModelFolder _models = new();
        private FunctionsProcess? _server;

        public string Endpoint => _server!.Client.BaseAddress!.AbsoluteUri;

        public async Task InitializeAsync()
        {
            string[] names =
            [
                "identity_float", "identity_double", "identity_float16", "identity_int8", "identity_int64", "identity_uint64",
                "identity_bool", "identity_string",
                "two_in_two_out", "not_finite", "fixed_batch", "pixels", "zipmap",
            ];
            foreach (var name in names)
                TestModels.CopyTo(name, _models.PathOf(name, "1"));
            _models.Write("""{"image":{"height":2,"width":2,"scale":1}}""", "pixels", "model.json");
            _server = await _models.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await _server!.DisposeAsync();
            _models.Dispose();
        }
    }
}
