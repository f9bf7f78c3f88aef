using System.Text;
using Inference.Testing;

namespace Cli.Tests.Predict;

/// <summary>Tests how responses are written whose items differ from each other, or from the model's metadata.</summary>
public sealed class ResponseShapeTests : IDisposable
{
    private const string Metadata = """{"name":"m","inputs":[],"outputs":[{"name":"y","datatype":"INT64","shape":[-1,-1]}]}""";

    private readonly TempFolder _folder = new();

    /// <summary>The command line is right, so the failure is that of the call.</summary>
    [Theory]
    [InlineData("y.npy", "[[1,2],[3]]", "Item 1 of output \"y\" has shape (1,), but the items before have (2,).")]
    [InlineData("y.npy", "[[1,2],[]]", "Item 1 of output \"y\" has shape (0,), but the items before have (2,).")]
    [InlineData("y.npy", "[[1,2],3]", "Item 1 of output \"y\" has shape (), but the items before have (2,).")]
    [InlineData("y.npz", "[{\"y\":[1,2]},{\"y\":[3]}]", "Item 1 of output \"y\" has shape (1,), but the items before have (2,).")]
    [InlineData("y.npz", "[{\"z\":[1]}]", "The response has the output \"z\", which is not in the model's metadata.")]
    [InlineData("y.npy", "[[1,2],[3,4.5]]", "Item 1 of output \"y\" has 4.5, which is not a value of INT64")]
    [InlineData("y.npy", "[[1,99999999999999999999]]", "Item 0 of output \"y\" has 99999999999999999999, which is not a value of INT64")]
    [InlineData("y.npy", "[[1,null]]", "Item 0 of output \"y\" has null, which is not a value of INT64")]
    public async Task Numpy_OfAResponseThatNoArrayFits_FailsWithTheOutput(string name, string predictions, string message)
    {
        var result = await PredictAsync(predictions, "--output", _folder.Combine(name));

        Assert.Equal(1, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.Contains(" a .json file", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y.CSV", "item,")]
    [InlineData("y.Npz", "PK")]
    public async Task Output_WithAnExtensionInUpperCase_HasItsFormat(string name, string start)
    {
        var result = await PredictAsync("[{\"y\":[1]}]", "--output", _folder.Combine(name));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.StartsWith(start, await File.ReadAllTextAsync(_folder.Combine(name)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Numpy_OfItemsWithoutValues_IsAnEmptyArray()
    {
        var result = await PredictAsync("[[],[]]", "--output", _folder.Combine("y.npy"));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(("<i8", "2, 0"), NpyContent.Read(await File.ReadAllBytesAsync(_folder.Combine("y.npy")), out var content));
        Assert.Empty(content);
    }

    [Theory]
    [InlineData("csv", "[[1,2],[3]]", "item,0,1\n0,1,2\n1,3,\n")]
    [InlineData("csv", "[{\"a\":[1,2],\"b\":[5]},{\"a\":[3],\"b\":[6]}]", "item,a.0,a.1,b.0\n0,1,2,5\n1,3,,6\n")]
    [InlineData("table", "[{\"a\":[1,2],\"b\":[5]},{\"a\":[3],\"b\":[6]}]", "item  a.0  a.1  b.0\n0     1    2    5\n1     3         6\n")]
    [InlineData("csv", "[[1,2],[]]", "item,0,1\n0,1,2\n1,,\n")]
    [InlineData("csv", "[[],[],[1,2],[]]", "item,0,1\n0,,\n1,,\n2,1,2\n3,,\n")]
    [InlineData("table", "[[],[1,2],[]]", "item  0  1\n0\n1     1  2\n2\n")]
    [InlineData("csv", "[[],[{\"entity_group\":\"LOC\",\"word\":\"Rome\"}],[]]", "item,entity_group,word\n1,LOC,Rome\n")]
    [InlineData("table", "[[1],[2,3]]", "item  0\n0     1\n1     2\n")]
    [InlineData("table", "[[],[]]", "item\n0\n1\n")]
    [InlineData("csv", "[[],[]]", "item\n0\n1\n")]
    [InlineData("json", "[[],[]]", "{\"predictions\":[[],[]]}\n")]
    public async Task Row_WithFewerValuesThanTheFirst_HasEmptyCells(string format, string predictions, string rows)
    {
        var result = await PredictAsync(predictions, "--format", format);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(rows, result.Output);
    }

    [Fact]
    public async Task Csv_OfARowWithMoreValuesThanTheFirst_FailsWithItsItem()
    {
        var result = await PredictAsync("[{\"a\":[1],\"b\":[5]},{\"a\":[3,4],\"b\":[6]}]", "--format", "csv");

        Assert.Equal((1, "item,a.0,b.0\n0,1,5\n"), (result.ExitCode, result.Output));
        Assert.Contains(
            "Item 1 has a value for the column \"a.1\", which the first item does not have.", result.Error, StringComparison.Ordinal);
        Assert.Contains("Use --format json, or name a .json file with --output.", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table")]
    [InlineData("csv")]
    public async Task Predictions_OfASingleRequestThatAreNoArray_ArePrintedAsJsonOnly(string format)
    {
        var result = await PredictAsync("{\"y\":1}", "--format", format);

        var message = "inferctl: The server's response has no predictions. Use --format json to print it.\n";
        Assert.Equal((1, "", message), (result.ExitCode, result.Output, result.Error));
        var json = await PredictAsync("{\"y\":1}", "--format", "json");
        Assert.Equal((0, "{\"predictions\":{\"y\":1}}\n"), (json.ExitCode, json.Output));
    }

    /// <summary>No format can hold the response, because a request with items never asks for a response without predictions.</summary>
    [Theory]
    [InlineData("--json")]
    [InlineData("--format", "csv")]
    [InlineData("--output", "y.json")]
    [InlineData("--output", "y.csv")]
    public async Task Response_ToItemsOfAFileWithoutPredictions_AsksToCheckTheEndpoint(params string[] options)
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), "1\n2\n");
        using var server = CreateServer("[]");

        var result = await CliProcess.RunAsync(
            ["predict", "m", "--file", _folder.Combine("x.csv"), "--batch", "1", "--endpoint", server.Address,
                .. options.Select(option => option.StartsWith("y.", StringComparison.Ordinal) ? _folder.Combine(option) : option)]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        AssertText.Contains("After 0 of 2 items: The server's response has no predictions. Check --endpoint.\n", result.Error);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<CliResult> PredictAsync(string predictions, params string[] options)
    {
        using var server = CreateServer($$"""{"predictions":{{predictions}}}""");
        return await CliProcess.RunAsync(["predict", "m", "--data", "[[1],[2]]", "--endpoint", server.Address, .. options]);
    }

    /// <param name="response">The body of each response to a prediction.</param>
    private static HttpDouble CreateServer(string response) => new(context =>
    {
        context.Response.ContentType = "application/json";
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(context.Request.HttpMethod == "POST" ? response : Metadata));
    });
}
