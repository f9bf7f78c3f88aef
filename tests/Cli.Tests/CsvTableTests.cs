using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>CSV files whose header names the inputs of a model.</summary>
public sealed class CsvTableTests(CsvTableTests.Served served) : IClassFixture<CsvTableTests.Served>, IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Predict_HeaderWithAllInputs_SendsColumns()
    {
        var result = await PredictAsync("\uFEFFcity, age,size,old\r\nRome,5,1.5,true\n\n\"Oslo, \"\"NO\"\"\",6.0,,0\n7,7,NaN,FALSE\n");

        Assert.Equal(("", 0), (result.ExitCode == 0 ? "" : result.Error, result.ExitCode));
        Assert.Equal(
            """
            {"item":0,"prediction":{"years":[5],"place":["Rome"],"width":[1.5],"aged":[true]}}
            {"item":1,"prediction":{"years":[6],"place":["Oslo, \"NO\""],"width":["NaN"],"aged":[false]}}
            {"item":2,"prediction":{"years":[7],"place":["7"],"width":["NaN"],"aged":[false]}}

            """,
            result.Output);
    }

    [Theory]
    [InlineData("age,city,size,old\nx,a,1,1\n", "x.csv:2: column \"age\", \"x\", is not a value of INT64.")]
    [InlineData("age,city,size,old\n1,a,1,2\n", "column \"old\", \"2\", is not a value of BOOL")]
    [InlineData("age,city,size,old\n1,a,1\n", "x.csv:2: 3 values; 4 are expected")]
    [InlineData("age,city,size,old\n", "x.csv has no rows below its header")]
    [InlineData("age,city,size\n1,a,1\n",
        "x.csv:1: input \"old\" has no column. Write one column for each of the inputs \"age\", \"city\", \"size\", \"old\"")]
    [InlineData("id,age,city,size,old\n0,1,a,1,1\n",
        "x.csv:1: column \"id\" is not an input of the model. Write one column for each of the inputs \"age\"")]
    [InlineData(",age,city,size,old\n0,1,a,1,1\n", "x.csv:1: column 1 has no name. Write one column for each of the inputs \"age\"")]
    [InlineData("Age,city,size,old\n1,a,1,1\n",
        "x.csv:1: column \"Age\" is not an input of the model. Write one column for each of the inputs \"age\"")]
    [InlineData(
        "age,city,size,old,age\n1,a,1,1,1\n", "x.csv:1: two columns have the same name. Write one column for each of the inputs \"age\"")]
    [InlineData(
        "5,Bern,1,1\n",
        "x.csv:1: this line does not name the inputs of the model. Write a line with their names above it: \"age\", \"city\", ")]
    [InlineData("age\tcity\tsize\told\n1\ta\t1\t1\n\t\t\t\n", "x.csv:3: column \"age\", \"\", is not a value of INT64.")]
    [InlineData("age,city,size,old\n1,a,TRUE,1\n", "column \"size\", \"TRUE\", is not a value of FP32")]
    [InlineData("age;city;size;old\n1;a;1;1,5\n", "x.csv:2: column \"old\", \"1,5\", is not a value of BOOL.\n")]
    [InlineData(
        "age;city;size;old\n1;a;1,5;1\n",
        "x.csv:2: column \"size\", \"1,5\", is not a value of FP32. It has a decimal comma: write a decimal point.")]
    [InlineData("age;city;size;old\n1,000;a;1;1\n", "\"1,000\", is not a value of INT64. Write it without thousands separators.\n")]
    [InlineData("age;city;size;old\n1,5;a;1;1\n", "x.csv:2: column \"age\", \"1,5\", is not a value of INT64.\n")]
    public async Task Predict_WrongTable_NamesThePosition(string text, string message)
    {
        var result = await PredictAsync(text);

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
    }

    /// <summary>The output is a sum over the whole request, so that several requests would have other results.</summary>
    [Fact]
    public async Task Predict_OutputThatIsNotPerItem_IsOneRequest()
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), string.Concat(Enumerable.Repeat("1,0,0\n", 600)));
        string[] predict =
            ["predict", "total", "--file", _folder.Combine("x.csv"), "--format", "csv", "--endpoint", served.Endpoint];

        var byDefault = await CliProcess.RunSuccessfullyAsync(predict);
        var byVersion = await CliProcess.RunSuccessfullyAsync([.. predict, "--version", "1"]);
        var divided = await CliProcess.RunAsync([.. predict, "--batch", "2"]);

        Assert.Equal(("item,0\n0,600\n", "item,0\n0,600\n"), (byDefault, byVersion));
        Assert.Equal((2, ""), (divided.ExitCode, divided.Output));
        Assert.Contains("600 items cannot be divided into requests of 2. Leave out --batch", divided.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--version", "1")]
    public async Task Predict_ModelOfAFixedNumberOfItems_IsDividedIntoThatNumber(params string[] options)
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), "1\n2\n3\n4\n");
        string[] predict = ["predict", "pairs", "--file", _folder.Combine("x.csv"), "--format", "csv", "--endpoint", served.Endpoint];

        Assert.Equal("item,0\n0,1\n1,2\n2,3\n3,4\n", await CliProcess.RunSuccessfullyAsync([.. predict, "--batch", "2", .. options]));
    }

    /// <summary>The items of version 1 are single numbers, those of the default version 2 are rows.</summary>
    [Fact]
    public async Task Predict_VersionWithItemsOfAnotherShape_SendsTheItemsOfThatVersion()
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), "1\n2\n");

        Assert.Equal("item,value\n0,1\n1,2\n", await CliProcess.RunSuccessfullyAsync(
            "predict", "changed", "--file", _folder.Combine("x.csv"), "--format", "csv", "--endpoint", served.Endpoint, "--version", "1"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<CliResult> PredictAsync(string csv)
    {
        await File.WriteAllTextAsync(_folder.Combine("x.csv"), csv);
        return await CliProcess.RunAsync(
            "predict", "people", "--file", _folder.Combine("x.csv"), "--batch", "2", "--json", "--endpoint", served.Endpoint);
    }

    public sealed class Served : IAsyncLifetime
    {
        private readonly ModelFolder _models = new();
        private FunctionsProcess? _server;

        public string Endpoint => _server!.Client.BaseAddress!.ToString();

        public async Task InitializeAsync()
        {
            _models.Write(OnnxText.Compile("""
                in age i64[n,1]; in city str[n,1]; in size f32[n,1]; in old bool[n,1]
                years = Identity(age); place = Identity(city); width = Identity(size); aged = Identity(old)
                out years i64[n,1]; out place str[n,1]; out width f32[n,1]; out aged bool[n,1]
                """), "people", "1", "model.onnx");
            _models.Write(
                OnnxText.Compile("in x f32[n,3]; const axes i64[2] 0 1; y = ReduceSum(x, axes) keepdims=1; out y f32[1,1]"),
                "total", "1", "model.onnx");
            _models.Write(OnnxText.Compile("in x f32[2,1]; y = Identity(x); out y f32[2,1]"), "pairs", "1", "model.onnx");
            _models.Write(OnnxText.Compile("in x f32[n]; y = Identity(x); out y f32[n]"), "changed", "1", "model.onnx");
            _models.Write(OnnxText.Compile("in x f32[n,1]; y = Identity(x); out y f32[n,1]"), "changed", "2", "model.onnx");
            _server = await _models.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
            _models.Dispose();
        }
    }
}
