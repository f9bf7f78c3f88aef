using System.Text;
using System.Text.Json;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>CSV files as spreadsheets and pandas write them. No row is lost, and an error names each row that cannot be sent.</summary>
public sealed class CsvTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>The shape of the model's input.</summary>
    private string _shape = "[-1,2]";

    [Theory]
    [InlineData("1,2\n3,4", "[[1,2],[3,4]]")]
    [InlineData("\uFEFF1,2\n3,4", "[[1,2],[3,4]]")]
    [InlineData("\uFEFFa,b\r\n1,2\r\n", "[[1,2]]")]
    [InlineData("NaN,2\n3,4", "[[\"NaN\",2],[3,4]]")]
    [InlineData("Infinity,-Infinity\n+Infinity,nan", "[[\"Infinity\",\"-Infinity\"],[\"Infinity\",\"NaN\"]]")]
    [InlineData(",2\n3,", "[[null,2],[3,null]]")]
    [InlineData("a;b\n1;-inf", "[[1,\"-Infinity\"]]")]
    [InlineData("sep=;\n1;2", "[[1,2]]")]
    [InlineData("\"x, y\",\"z\"\n\"1\",\"2.5\"", "[[1,2.5]]")]
    [InlineData("1,2\n3,4", "[[3,4]]", "--header")]
    [InlineData("TRUE,FALSE\nTrue,false", "[[true,false],[true,false]]")]
    [InlineData("a,b\nTRUE,0", "[[true,0]]")]
    [InlineData("# x1,sepal length (cm)\n1,2", "[[1,2]]")]
    [InlineData("\"sepal length\n(cm)\",b\n1,2", "[[1,2]]")]
    [InlineData("\"1\r\n\",2\r\n3,\"4\n\"\r\n", "[[1,2],[3,4]]")]
    public async Task Predict_Csv_SendsEveryRow(string csv, string features, params string[] options)
    {
        var (result, sent) = await PredictAsync(new UTF8Encoding(false).GetBytes(csv), options);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal($$"""{"features":{{features}}}""", sent);
    }

    [Theory]
    [InlineData("1\n2\n", "[1,2]")]
    [InlineData("value\n1\n2\n", "[1,2]")]
    [InlineData("1,2\n3,4\n", "[[1,2],[3,4]]")]
    public async Task Predict_OneColumnForAnInputOfOneDimension_SendsValues(string csv, string features)
    {
        _shape = "[-1]";
        var (result, sent) = await PredictAsync(Encoding.UTF8.GetBytes(csv));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal($$"""{"features":{{features}}}""", sent);
    }

    [Fact]
    public async Task Predict_AHugeCell_IsShortened()
    {
        var (result, _) = await PredictAsync(Encoding.UTF8.GetBytes(new string('a', 100_000) + ",2\n"), "--header", "false");

        Assert.Equal(2, result.ExitCode);
        Assert.True(result.Error.Length < 1000, result.Error);
    }

    /// <summary>Python writes these words, and a server accepts them.</summary>
    [Theory]
    [InlineData("[[NaN, Infinity],\n [-Infinity, 1]]", "{\"features\":[[NaN, Infinity],\n [-Infinity, 1]]}")]
    [InlineData("{\"features\":[[NaN,2]]}", "{\"features\":[[NaN,2]]}")]
    [InlineData("{\"features\":[[\"NaN\",\"-Infinity\"]]}", "{\"features\":[[\"NaN\",\"-Infinity\"]]}")]
    public async Task Predict_JsonWithWordsForNumbers_IsSentAsItIs(string json, string body)
    {
        var (result, sent) = await PredictAsync(Encoding.UTF8.GetBytes(json));

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(body, sent);
    }

    [Fact]
    public async Task Predict_BrokenJsonWithWordsForNumbers_NamesThePositionInTheFile()
    {
        var (result, sent) = await PredictAsync("[NaN, -Infinity,\n NaN, }]"u8.ToArray());

        Assert.Null(sent);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("x.csv is not JSON: '}' is an invalid start of a value, at line 2, byte 7.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_UnicodeTextOfExcel_SendsEveryRow()
    {
        var (_, sent) = await PredictAsync([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("1\t2\r\n3\t4\r\n")]);

        Assert.Equal("""{"features":[[1,2],[3,4]]}""", sent);
    }

    [Fact]
    public async Task Predict_JsonInUtf16_IsJson()
    {
        var (_, sent) = await PredictAsync([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("[[1,2]]")]);

        Assert.Equal("""{"features":[[1,2]]}""", sent);
    }

    [Theory]
    [InlineData("a,2\n3,4", "x.csv:1: value 1, \"a\", is not a number. If the first line has names, add --header.")]
    [InlineData("5,1;3\n1;2", "x.csv:1: value 1, \"5,1\", is not a number. It has a decimal comma: write a decimal point.")]
    [InlineData("\"1,000\",2",
        "x.csv:1: value 1, \"1,000\", is not a number. Write it without thousands separators, and with a decimal point.")]
    [InlineData("\"-1,234,567.5\",2", "is not a number. Write it without thousands separators, and with a decimal point.")]
    [InlineData("0,125;3", "\"0,125\", is not a number. It has a decimal comma: write a decimal point.")]
    [InlineData("None,b\n1,2", "x.csv:1: value 1, \"None\", is not a number. If the first line has names, add --header.")]
    [InlineData(",a,b\n0,1,2", "x.csv:1: value 2, \"a\", is not a number. If the first line has names, add --header.")]
    [InlineData("a,b\n1,x", "x.csv:2: value 2, \"x\", is not a number. For text or several inputs, write the names of the inputs")]
    [InlineData("1,2\n3", "x.csv:2: 1 value; 2 are expected")]
    [InlineData("1,2", "x.csv has no rows of numbers below its first line, which --header makes a header.", "--header")]
    [InlineData("\"1\n\",2\n3,x", "x.csv:3: value 2, \"x\", is not a number.")]
    [InlineData("1,2\n\"3,4\n5,6", "x.csv:2: a quote is not closed.")]
    [InlineData("1\0,\02\0", "x.csv is in UTF-16 without a byte order mark. Save it as \"CSV UTF-8\".")]
    [InlineData("1,\0,2", "x.csv is not in a supported format (JSON, CSV, NPY, PNG, JPEG or WebP).")]
    [InlineData("GIF89a\u0001\u0001", "x.csv is not in a supported format (JSON, CSV, NPY, PNG, JPEG or WebP).")]
    public async Task Predict_CsvThatCannotBeRead_IsRefusedByItsPlace(string csv, string message, params string[] options)
    {
        var (result, sent) = await PredictAsync(Encoding.UTF8.GetBytes(csv), options);

        Assert.Null(sent);
        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
    }

    [Theory]
    [InlineData("x.csv is not in UTF-8. Save it as \"CSV UTF-8\".", (byte)'a', (byte)'\n', (byte)0xE9, (byte)'\n')]
    [InlineData("x.csv is not in UTF-16. Save it as \"CSV UTF-8\".", (byte)0xFF, (byte)0xFE, (byte)'1', (byte)0, (byte)0, (byte)0xD8)]
    [InlineData("x.csv is not in a supported format", (byte)0x80, (byte)0x04, (byte)0x95)]
    public async Task Predict_BytesOfNoUnicode_AreRefused(string message, params byte[] content)
    {
        var (result, sent) = await PredictAsync(content);

        Assert.Null(sent);
        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
    }

    /// <summary>A line with a cell that may be a value is an item. The item is sent or refused, but never skipped.</summary>
    [Fact]
    public async Task Predict_FirstRowsOfValues_AreNotMistakenForHeaders()
    {
        string[] rows =
        [
            "#DIV/0!", "#REF!,#VALUE!", "<NA>", "None,NaT", "?", "--", "5%", "$5", "0x1", "1_000", "2020-01-01", "1/2", "(5)",
            "\u22125", "-\u221e", "-nan(ind)", "-1.#IND", "name,5 kg",
        ];
        foreach (var row in rows)
        {
            var (result, sent) = await PredictAsync(Encoding.UTF8.GetBytes(row + "\n1,2\n"));

            Assert.Null(sent);
            Assert.True(result.Error.Contains("x.csv:1: value 1, ", StringComparison.Ordinal), row + ": " + result.Error);
            Assert.Contains("If the first line has names, add --header.", result.Error, StringComparison.Ordinal);
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task<((int ExitCode, string Output, string Error) Result, string? Sent)> PredictAsync(byte[] csv, params string[] options)
    {
        string? sent = null;
        using var server = new HttpDouble(context =>
        {
            var answer = $$"""{"name":"m","inputs":[{"name":"x","datatype":"FP32","shape":{{_shape}}}],"outputs":[]}""";
            if (context.Request.HttpMethod == "POST")
            {
                using var reader = new StreamReader(context.Request.InputStream);
                sent = reader.ReadToEnd();
                var numbers = sent.Replace("NaN", "0", StringComparison.Ordinal).Replace("Infinity", "0", StringComparison.Ordinal);
                var count = JsonElement.Parse(numbers).GetProperty("features").GetArrayLength();
                answer = $$"""{"model":"m","version":1,"predictions":[{{string.Join(',', Enumerable.Repeat("[0]", count))}}]}""";
            }

            context.Response.ContentType = "application/json";
            context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(answer));
        });
        await File.WriteAllBytesAsync(_folder.Combine("x.csv"), csv);
        var result = await CliProcess.RunAsync(
            ["predict", "m", "--file", _folder.Combine("x.csv"), "--json", "--endpoint", server.Address, .. options]);
        return ((result.ExitCode, result.Output, result.Error), sent);
    }
}
