namespace Inference.Onnx.Tests;

public sealed class NativeMessageTests
{
    [Theory]
    [InlineData("ab", "ab")]
    [InlineData("abc", "ab")]
    [InlineData("a\ud83d\ude00", "a")]
    public void RemoveSourceLocations_LongMessage_IsCutOffBetweenCharacters(string end, string expected)
    {
        var start = new string('x', NativeMessage.MaxLength - 2);

        Assert.Equal(start + expected, NativeMessage.RemoveSourceLocations(start + end));
    }
}
