using Functions.Worker.Standalone;

namespace Functions.Worker.Tests.Standalone;

public sealed class GrpcMessageTests
{
    [Theory]
    [InlineData("Send it as \"a\": b, at /c.", "Send it as \"a\": b, at /c.")]
    [InlineData("50% of ~ \u00c4\r\n\u007f", "50%25 of ~ %C3%84%0D%0A%7F")]
    public void Encode_Text_EncodesOnlyWhatTheProtocolNames(string text, string expected) =>
        Assert.Equal(expected, GrpcMessage.Encode(text));
}
