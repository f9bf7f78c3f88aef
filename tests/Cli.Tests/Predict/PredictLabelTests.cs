using System.Text;

namespace Cli.Tests.Predict;

/// <summary>Tests how predictions with labels are printed.</summary>
public sealed class PredictLabelTests
{
    [Theory]
    [InlineData(
        """{"predictions":[[2.5,-1]],"labels":[[{"label":"cat","score":0.97},{"label":"dog","score":0.03}]]}""",
        "item  label  score\n0     cat    0.97\n0     dog    0.03\n")]
    [InlineData(
        """{"predictions":[[0.97,0.03]],"labels":[[{"label":"cat","score":0.97},{"label":"dog","score":0.03}]]}""",
        "item  label  0     1\n0     cat    0.97  0.03\n")]
    [InlineData(
        """{"predictions":[["NaN","NaN"]],"labels":[[{"label":"cat","score":"NaN"},{"label":"dog","score":"NaN"}]]}""",
        "item  label  0    1\n0     -      NaN  NaN\n")]
    [InlineData(
        """{"predictions":[[{"label":"cat","score":"NaN"}],[{"label":"dog","score":0.5}]]}""",
        "item  label  score\n0     -      NaN\n1     dog    0.5\n")]
    [InlineData("""{"predictions":[{"label":"cat","score":"NaN"}]}""", "item  label  score\n0     cat    NaN\n")]
    public async Task Table_OfLabels_HasTheirScores(string response, string expected)
    {
        using var server = new HttpDouble(context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(response));
        });

        var table = await CliProcess.RunSuccessfullyAsync("predict", "m", "--data", "[[1,2]]", "--endpoint", server.Address);

        Assert.Equal(expected, table);
    }
}
