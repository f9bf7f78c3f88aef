using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests.Predict;

/// <summary>Sends texts to models with a task, and prints their predictions.</summary>
public sealed class PredictTextTests(TextServer served) : IClassFixture<TextServer>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HttpDouble _double = new(Answer);

    private string Endpoint => served.Process.Client.BaseAddress!.AbsoluteUri;

    [Fact]
    public async Task Text_ForAClassifier_PrintsItsLabelsTheBestFirst()
    {
        var table = await CliProcess.RunSuccessfullyAsync("predict", "classifier", "--text", "hello world", "--endpoint", Endpoint);
        var json = await CliProcess.RunForJsonAsync("predict", "classifier", "--text", "hello world", "--endpoint", Endpoint);

        Assert.Matches("^item +label +score\n0 +warm +0\\.9\\d+\n0 +cold +", table);
        Assert.Equal("warm", json.GetProperty("predictions")[0][0].GetProperty("label").GetString());
    }

    [Fact]
    public async Task Text_Repeated_IsOneItemEach()
    {
        var csv = await CliProcess.RunSuccessfullyAsync(
            "predict", "mean", "--text", "hello", "--text", "hello world", "--format", "csv", "--endpoint", Endpoint);

        var lines = csv.TrimEnd().Split('\n');
        Assert.Equal("item,0,1,2", lines[0]);
        Assert.StartsWith("0,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("1,", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("review", "id,review\n1,hello\n2,\"hello, world\"\n", "--column", "review")]
    [InlineData("number", "1;hello\n2;hello world\n", "--column", "2", "--header", "false")]
    [InlineData("numbered", "id,review\n1,hello\n2,\"hello, world\"\n", "--column", "2")]
    [InlineData("items", "1;hello\n2;hello world\n", "--column", "2")]
    [InlineData("usual", "id,Text\n1,hello\n2,hello world\n")]
    [InlineData("only", "hello\nhello, world\n")]
    [InlineData("empty", "id\ttext\n1\thello\n\t\n")]
    [InlineData("named", "review\nhello\nhello, world\n", "--header", "true")]
    public async Task Column_OfACsvFile_BecomesVectorsInAnNpyFile(string name, string content, params string[] options)
    {
        await File.WriteAllTextAsync(_folder.Combine($"{name}.csv"), content);

        var result = await CliProcess.RunAsync(["predict", "mean", "--file", _folder.Combine($"{name}.csv"), "--batch", "1",
            "--output", _folder.Combine("y.npy"), "--endpoint", Endpoint, .. options]);

        Assert.True(result.ExitCode == 0, result.Error);
        var (descriptor, shape) = NpyContent.Read(await File.ReadAllBytesAsync(_folder.Combine("y.npy")), out var data);
        Assert.Equal(("<f4", "2, 3"), (descriptor, shape));
        // The mean of the vectors of [CLS], hello and [SEP]. The vector of a token is (token id, 1, 0).
        Assert.Equal<float>([10 / 3f, 1, 0], MemoryMarshal.Cast<byte, float>(data)[..3].ToArray());
    }

    [Fact]
    public async Task Column_ByItsNumberBelowAHeader_SaysThatTheHeaderIsSkipped()
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), "id,review\na,hello\nb,hello world\n");
        string[] predict =
            ["predict", "mean", "--file", _folder.Combine("x.csv"), "--column", "2", "--format", "csv", "--endpoint", Endpoint];

        var skipped = await CliProcess.RunAsync(predict);
        var sent = await CliProcess.RunAsync([.. predict, "--header", "false"]);

        Assert.Contains("x.csv: the first line has names and is skipped. Add --header false", skipped.Error, StringComparison.Ordinal);
        Assert.Equal((3, 4), (Lines(skipped), Lines(sent)));

        static int Lines(CliResult result) => result.Output.TrimEnd().Split('\n').Length;
    }

    [Fact]
    public async Task Show_OfATextModel_HasItsTask()
    {
        Assert.Contains("task: text-classification, input: text, tensors\n",
            await CliProcess.RunSuccessfullyAsync("models", "show", "classifier", "--endpoint", Endpoint), StringComparison.Ordinal);
        Assert.DoesNotContain("task:",
            await CliProcess.RunSuccessfullyAsync("models", "show", "plain", "--endpoint", Endpoint), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "has no column \"stars\". Its first line has \"id\", \"review\".", "id,review\n1,hello\n", "--column", "stars")]
    [InlineData(2, "has several columns. Name the one with the texts: --column \"id\" or \"review\".", "id,review\n1,hello\n")]
    [InlineData(2, "x.csv:3: 3 values; 2 are expected", "id,review\n1,hello\n2,hello, world\n", "--column", "review")]
    [InlineData(2, "has no texts below its header", "id,review\n", "--column", "review")]
    [InlineData(2, "has several columns \"text\". Name one by its number, such as --column 2.", "id,text,Text\n1,hello,a\n")]
    [InlineData(2, "--column is for a CSV file", "[1]", "--column", "review")]
    public async Task Column_ThatCannotBeRead_SaysWhy(int exitCode, string message, string content, params string[] options)
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), content);

        var result =
            await CliProcess.RunAsync(["predict", "mean", "--file", _folder.Combine("x.csv"), "--endpoint", Endpoint, .. options]);

        Assert.Equal(exitCode, result.ExitCode);
        AssertText.Contains(message, result.Error);
    }

    [Fact]
    public async Task LabelsIntoAnNpyFile_ExplainTheFix()
    {
        var result = await CliProcess.RunAsync(
            "predict", "classifier", "--text", "hello", "--output", _folder.Combine("y.npy"), "--endpoint", Endpoint);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Name a .csv or .json file", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("entities", "^item +entity_group +score +word +start +end\n0 +PER +0.99 +Ada +0 +3\n1 +LOC +0.9 +Rome +3 +7\n$")]
    [InlineData("zero", "^item +label +score\n0 +travel +0.9\n0 +food +0.1\n$")]
    [InlineData("masks", "^item +score +token +token_str\n0 +0.5 +7 +sun\n0 +0.25 +8 +moon\n$")]
    [InlineData("score", "^item +value\n0 +0.75\n$")]
    public async Task Answer_OfATask_IsRowsOfATable(string model, string table) =>
        Assert.Matches(table, await CliProcess.RunSuccessfullyAsync("predict", model, "--text", "a", "--endpoint", _double.Address));

    [Fact]
    public async Task Answer_WithoutEntities_IsAHeaderOrASentence()
    {
        string[] predict = ["predict", "none", "--text", "a", "--endpoint", _double.Address];

        Assert.Equal("No entities.\n", await CliProcess.RunSuccessfullyAsync(predict));
        Assert.Equal("item,entity_group,score,word,start,end\n", await CliProcess.RunSuccessfullyAsync([.. predict, "--format", "csv"]));
        await CliProcess.RunSuccessfullyAsync([.. predict, "--output", _folder.Combine("none.csv")]);
        Assert.Equal("item,entity_group,score,word,start,end\n", await File.ReadAllTextAsync(_folder.Combine("none.csv")));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _double.Dispose();
    }

    private static void Answer(HttpListenerContext context)
    {
        var predictions = context.Request.Url!.AbsolutePath.Split('/')[2] switch
        {
            "entities" => """
                [[{"entity_group":"PER","score":0.99,"word":"Ada","start":0,"end":3}],
                 [{"entity_group":"LOC","score":0.9,"word":"Rome","start":3,"end":7}],[]]
                """,
            "zero" => """[{"sequence":"a","labels":["travel","food"],"scores":[0.9,0.1]}]""",
            "masks" => """[[[{"score":0.5,"token":7,"token_str":"sun"}],[{"score":0.25,"token":8,"token_str":"moon"}]]]""",
            "none" => "[[]]",
            _ => "[0.75]",
        };
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes($$"""{"predictions":{{predictions}}}"""));
    }
}
