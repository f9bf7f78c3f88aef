using System.Text;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;
using Inference.Testing;

namespace Inference.Repository.Tests.ModelJson;

/// <summary>Tests the mean and the standard deviation in the image settings.</summary>
public sealed class ImageSettingsTests
{
    [Theory]
    [InlineData("RGB")]
    [InlineData("GRAY")]
    public void Read_ANumberForAllChannels_IsAnArrayOfOne(string channels)
    {
        var image = Read($$$"""{"image":{"height":1,"width":1,"channels":"{{{channels}}}","mean":0.5,"std":2.5e-1}}""").Image!;

        Assert.Equal([0.5f], image.Mean.AsEnumerable());
        Assert.Equal([0.25f], image.Std.AsEnumerable());
    }

    [Theory]
    [InlineData("""{"image":{"height":1,"width":1,"mean":"0.5"}}""",
        "$.image.mean: This is a string; a number for all channels, or an array with one for each channel is expected.")]
    [InlineData("""{"image":{"height":1,"width":1,"std":0}}""", "$.image.std: 0 is given; a number from 0.000000001 to 1000000000 is expected.")]
    public void Read_NoNumberForAllChannels_NamesTheExpectedValue(string json, string expected)
    {
        var problem = Assert.Single(Assert.Throws<FileProblemsException>(() => Read(json)).Problems);

        AssertText.Contains(expected, problem.ToString());
    }

    private static ModelSettings Read(string json) => ModelSettingsReader.Read(Encoding.UTF8.GetBytes(json), ModelSettings.Default);
}
