using System.Text;
using Cli.Predict;

namespace Cli.Tests;

public sealed class CsvTableTests
{
    private static readonly Dictionary<string, string> Inputs = new() { ["age"] = "INT64", ["city"] = "BYTES", ["size"] = "FP32", ["old"] = "BOOL" };

    [Fact]
    public void Encode_RowsOfAllInputs_AreColumns()
    {
        var table = CsvTable.TryRead("city, age,size,old\r\nRome,5,1.5,true\n\n\"Oslo, \"\"NO\"\"\",6.0,,0\n7,7,NaN,FALSE\n", "x.csv", Inputs);

        Assert.Equal(
            """{"inputs":{"city":["Rome","Oslo, \u0022NO\u0022","7"],"age":[5,6.0,7],"size":[1.5,null,"NaN"],"old":[true,false,false]}}""",
            Encoding.UTF8.GetString(table!.Encode(table.Rows)));
    }

    [Theory]
    [InlineData("age,city,size\n1,a,1\n")]
    [InlineData("age,city,size,other\n1,a,1,1\n")]
    [InlineData("age,age,size,old\n1,1,1,1\n")]
    [InlineData("1,2,3,4\n")]
    [InlineData("")]
    public void TryRead_OtherHeader_IsNoTable(string text) => Assert.Null(CsvTable.TryRead(text, "x.csv", Inputs));

    [Theory]
    [InlineData("age,city,size,old\nx,a,1,1\n", "x.csv:2: column \"age\", \"x\", is not a value of INT64.")]
    [InlineData("age,city,size,old\n1,a,1,2\n", "column \"old\", \"2\", is not a value of BOOL")]
    [InlineData("age,city,size,old\n1,a,1\n", "x.csv:2: 3 values; 4 are expected")]
    [InlineData("age,city,size,old\n", "x.csv has no rows below its header")]
    public void TryRead_WrongRow_IsRefusedWithThePlace(string text, string message) =>
        Assert.Contains(message, Assert.Throws<CliException>(() => CsvTable.TryRead(text, "x.csv", Inputs)).Message, StringComparison.Ordinal);
}
