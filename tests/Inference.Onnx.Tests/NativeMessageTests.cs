using Inference.Onnx.Native;

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

    [Theory]
    [InlineData("[ErrorCode:Fail] Non-zero status code while running Gather. Name:'g' Status Message: a.cc:9 ns::F(int) idx=9", "idx=9")]
    [InlineData("[ErrorCode:Fail] Non-zero status code returned while running ArgMax node. Name:'a' Status Message: a.cc:9 ns::F(int) ",
        "Non-zero status code returned while running ArgMax node. Name:'a'")]
    [InlineData("[ErrorCode:Fail] Non-zero status code returned while running ArgMax node. Name:'[0]' Status Message:",
        "Non-zero status code returned while running ArgMax node. Name:'[0]'")]
    [InlineData("a.cc:9 ns::F(int)", "ONNX Runtime gave no reason")]
    [InlineData("[ErrorCode:InvalidArgument] Invalid input name: a", "[ErrorCode:InvalidArgument] Invalid input name: a")]
    public void GetRunReason_Message_IsNeverEmpty(string message, string expected) =>
        Assert.Equal(expected, NativeMessage.GetRunReason(message));
}
