using Inference.Azure.Models;

namespace Inference.Azure.Tests.Models;

public sealed class FileNamesTests
{
    [Theory]
    [InlineData("model.onnx")]
    [InlineData("deep/er/weights 1.bin")]
    [InlineData("..data")]
    [InlineData("gewichte-ä.bin")]
    public void IsSafe_PlainName_True(string name) => Assert.True(FileNames.IsSafe(name));

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData(".")]
    [InlineData("a/./b")]
    [InlineData("..")]
    [InlineData("../../evil")]
    [InlineData("a/../../evil")]
    [InlineData("..\\evil")]
    [InlineData("C:evil")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    public void IsSafe_NameThatCouldLeaveTheFolder_False(string name) => Assert.False(FileNames.IsSafe(name));
}
