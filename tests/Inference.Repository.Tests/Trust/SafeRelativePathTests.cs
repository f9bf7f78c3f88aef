using Inference.Repository.Trust;

namespace Inference.Repository.Tests.Trust;

public sealed class SafeRelativePathTests
{
    [Theory]
    [InlineData("model.onnx")]
    [InlineData("deep/er/weights 1.bin")]
    [InlineData("..data")]
    [InlineData("gewichte-ä.bin")]
    public void IsSafeRelativePath_PlainName_True(string name) => Assert.True(ModelManifest.IsSafeRelativePath(name));

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
    public void IsSafeRelativePath_NameThatCouldLeaveTheFolder_False(string name) => Assert.False(ModelManifest.IsSafeRelativePath(name));
}
