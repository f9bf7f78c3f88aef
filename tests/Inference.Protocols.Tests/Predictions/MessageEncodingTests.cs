using System.Text;
using Inference.Protocols.Predictions;

namespace Inference.Protocols.Tests.Predictions;

public sealed class MessageEncodingTests
{
    private const string Json = """{"id":"a","model":"m","request":{"features":[1]}}""";

    [Theory]
    [InlineData("", false)]
    [InlineData("\uFEFF", false)]
    [InlineData(" \r\n", false)]
    [InlineData("", true)]
    [InlineData("\uFEFF", true)]
    [InlineData("\n", true)]
    public void Read_MessageInBase64OrWithAMark_IsRead(string before, bool isBase64)
    {
        var bytes = Encoding.UTF8.GetBytes(before + Json);

        var message = PredictionMessageReader.Read(isBase64 ? Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)) : bytes);

        Assert.Equal(("a", "m"), (message.Id.Value, message.Model));
        Assert.Equal("""{"features":[1]}""", Encoding.UTF8.GetString(message.Request!.Value.Span));
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("aGVsbG8=")]
    [InlineData("eyJpZCI6ImEi")]
    public void Read_NeitherJsonNorJsonInBase64_TellsSo(string message) => Assert.Contains(
        "not valid JSON", Assert.Throws<InvalidMessageException>(() => PredictionMessageReader.Read(Encoding.ASCII.GetBytes(message))).Message, StringComparison.Ordinal);
}
