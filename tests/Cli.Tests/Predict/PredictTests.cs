using Inference.Testing;

namespace Cli.Tests.Predict;

public sealed class PredictTests(ServedModels served) : IClassFixture<ServedModels>, IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Predict_Data_PrintsTableOrTheServersJson()
    {
        var table = await CliProcess.RunSuccessfullyAsync("predict", "iris", "--data", "[5.1,3.5,1.4,0.2]", "--endpoint", served.Endpoint);
        var json = await CliProcess.RunForJsonAsync(
            "predict", "iris", "--version", "1", "--data", "{\"features\":[5.1,3.5,1.4,0.2]}", "--endpoint", served.Endpoint);

        Assert.Matches(@"\n0 +setosa +0\.97", table);
        Assert.Equal(1, json.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Predict_CsvFile_PrintsEveryRowInItsOrder()
    {
        // The rows alternate between three flowers, so a response in the wrong order is noticed. Many requests overlap.
        string[] rows = ["5.1,3.5,1.4,0.2", "5.9,2.8,4.3,1.3", "6.3,3.3,6.0,2.5"];
        string[] names = ["setosa", "versicolor", "virginica"];
        const int Count = 1000;
        await File.WriteAllLinesAsync(_folder.Combine("x.csv"), ["a,b,c,d", .. Enumerable.Range(0, Count).Select(row => rows[row % 3])]);

        var result = await CliProcess.RunAsync(
            "predict", "iris", "--file", _folder.Combine("x.csv"), "--batch", "7", "--format", "csv", "--endpoint", served.Endpoint);

        Assert.Equal(0, result.ExitCode);
        var lines = result.Output.TrimEnd().Split('\n');
        Assert.Equal("item,label,0,1,2", lines[0]);
        Assert.Equal(Count + 1, lines.Length);
        Assert.All(Enumerable.Range(0, Count), row =>
            Assert.StartsWith($"{row},{names[row % 3]},", lines[row + 1], StringComparison.Ordinal));
        Assert.Contains("predicting: 1000 items in ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_NpyFile_TakesTheFirstDimensionAsItems()
    {
        await File.WriteAllBytesAsync(
            _folder.Combine("x.npy"), NpyContent.Create([5.1f, 3.5f, 1.4f, 0.2f, 6.3f, 3.3f, 6.0f, 2.5f], "(2, 4)"));

        var output =
            await CliProcess.RunSuccessfullyAsync(
                "predict", "iris", "--file", _folder.Combine("x.npy"), "--json", "--endpoint", served.Endpoint);

        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Contains("\"item\":1,", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"labels\":[{\"label\":\"virginica\"", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "There is no model nope", "predict", "nope", "--data", "[1]")]
    [InlineData(2, "--data is not JSON: '}' is an invalid start of a value, at line 2, byte 3.", "predict", "iris", "--data", "[1,\n1,}")]
    [InlineData(2, "--data is not JSON: 'a' is an invalid start of a value, at line 1, byte 1.", "jobs", "submit", "iris", "--data", "abc")]
    [InlineData(2, "--data is not JSON: 'a' is an invalid start of a value, at line 1, byte 1.", "bench", "iris", "--data", "abc")]
    [InlineData(2, "--data is not JSON: '@' is an invalid start of a value, at line 1, byte 1.", "predict", "iris", "--data", "@x.json")]
    [InlineData(2, "--data is empty. JSON is expected", "predict", "iris", "--data", " ")]
    [InlineData(2, "\"/\", which --file names, is a folder. Name a file.", "predict", "iris", "--file", "/")]
    [InlineData(
        2, "There is no folder /nowhere for the file of --output.", "predict", "iris", "--data", "[1]", "--output", "/nowhere/x.csv")]
    [InlineData(2, "There is no folder /nowhere for the file of --svg.", "bench", "iris", "--svg", "/nowhere/x.svg")]
    [InlineData(1, "takes [-1,4]", "predict", "iris", "--data", "[1]")]
    [InlineData(2, "either --data", "predict", "iris")]
    [InlineData(2, "\"no-such-file.csv\", which --file names, does not exist.", "predict", "iris", "--file", "no-such-file.csv")]
    [InlineData(2, "See inferctl predict --help", "predict")]
    [InlineData(2, "See inferctl models --help", "models", "nope")]
    [InlineData(2, "is not the address of a server", "models", "list", "--endpoint", "localhost")]
    [InlineData(1, "INFERCTL_ENDPOINT", "models", "list", "--endpoint", "http://127.0.0.1:1")]
    [InlineData(1, "501: Jobs are kept in the storage account", "jobs", "submit", "iris", "--data", "[1,2,3,4]")]
    public async Task Command_CannotBeDone_SaysWhyInOneLine(int exitCode, string message, params string[] arguments)
    {
        var result = await CliProcess.RunAsync(("INFERCTL_ENDPOINT", served.Endpoint), arguments);

        Assert.Equal(exitCode, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.Equal("", result.Output);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("1,2,3,4\n1,2,x,4\n", "x.csv:2: value 3, \"x\", is not a number")]
    [InlineData("1,2,3,4\n\n1,2\n", "x.csv:3: 2 values; 4 are expected")]
    [InlineData("a,b\n", "has no rows of numbers")]
    [InlineData("[1,2", "The text ends after '2'. Expected a delimiter, at line 1, byte 5.")]
    public async Task Predict_BrokenFile_NamesThePosition(string content, string message)
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), content);

        var result = await CliProcess.RunAsync("predict", "iris", "--file", _folder.Combine("x.csv"), "--endpoint", served.Endpoint);

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
    }

    /// <summary>Each request has two items, so that the refused item's index in the request differs from its index in the file.</summary>
    [Theory]
    [InlineData("After 4 of 6 items: x.csv:7: 400: features[5][2]: 1E+99 is not a value of FP32.", 7)]
    [InlineData("After 2 of 6 items: x.csv:4: 400: features[2][2]: 1E+99 is not a value of FP32.", 4)]
    [InlineData("After 4 of 6 items: x.csv:8: 400: features[5][2]: 1E+99 is not a value of FP32.", 8, "a,b,c,d")]
    public async Task Predict_AValueThatTheServerRefuses_IsNamedByItsLineOfTheFile(string message, int line, string first = "")
    {
        var rows = Enumerable.Range(1, first.Length == 0 ? 7 : 8).Select(number =>
            number == line ? "5.1,3.5,1e99,0.2" : number == 2 ? "" : "5.1,3.5,1.4,0.2").ToList();
        rows[0] = first.Length == 0 ? rows[0] : first;
        await File.WriteAllLinesAsync(_folder.Combine("x.csv"), rows);

        var result = await CliProcess.RunAsync(
            "predict", "iris", "--file", _folder.Combine("x.csv"), "--batch", "2", "--format", "csv", "--endpoint", served.Endpoint);

        Assert.Equal(1, result.ExitCode);
        Assert.EndsWith($"{message}\n", result.Error.Replace(_folder.Path + "/", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x.csv, lines 2 to 4: 400: features: shape [2,3] is given", "x.csv")]
    [InlineData("x.npy, items 0 to 1: 400: features: shape [2,3] is given", "x.npy")]
    public async Task Predict_ARequestThatTheServerRefuses_IsNamedByItsLinesOrItems(string message, string file)
    {
        await File.WriteAllBytesAsync(_folder.Combine(file), file == "x.npy"
            ? NpyContent.Create([1, 2, 3, 4, 5, 6], "(2, 3)")
            : [.. "a,b,c\n1,2,3\n\n4,5,6\n"u8]);

        var result = await CliProcess.RunAsync("predict", "iris", "--file", _folder.Combine(file), "--endpoint", served.Endpoint);

        Assert.Equal(1, result.ExitCode);
        AssertText.Contains(message, result.Error);
    }

    [Theory]
    [InlineData("(1 4,)", "x.npy\" cannot be read: its header has no valid shape. Save the array again with numpy.save.")]
    [InlineData("(99999999999999999999, 4)", "x.npy\" cannot be read: its shape is too large. Save the array again with numpy.save.")]
    public async Task Predict_NpyFileWithAMalformedShape_IsRefused(string shape, string message)
    {
        await File.WriteAllBytesAsync(_folder.Combine("x.npy"), NpyContent.Create([1, 2, 3, 4], shape));

        var result = await CliProcess.RunAsync("predict", "iris", "--file", _folder.Combine("x.npy"), "--endpoint", served.Endpoint);

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
    }

    [Fact]
    public async Task Predict_InterruptedByCtrlC_PrintsThePartialResultAndEndsWith130()
    {
        await File.WriteAllLinesAsync(_folder.Combine("x.csv"), Enumerable.Repeat("5.1,3.5,1.4,0.2", 200_000));

        CliResult result;
        var attempts = 0;
        // On a busy machine the command may end before the signal.
        do
        {
            result = await CliProcess.InterruptAsync(
                null, async (output, limit) => $"{await output.ReadLineAsync(limit)}\n", kill: false,
                "predict", "iris", "--file", _folder.Combine("x.csv"), "--batch", "10", "--json", "--endpoint", served.Endpoint);
        }
        while (result.ExitCode == 0 && ++attempts < 5);

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("Cancelled after", result.Error, StringComparison.Ordinal);
        var lines = result.Output.TrimEnd().Split('\n');
        Assert.Contains($"after {lines.Length} of 200000 items", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
