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

    /// <summary>The bytes after the id make the two base64 alphabets differ. The lengths of the ids need every possible padding.</summary>
    [Theory]
    [InlineData("a")]
    [InlineData("ab")]
    [InlineData("abc")]
    public void Read_Base64OfOtherForms_IsRead(string id)
    {
        var json = $$$"""{"id":"{{{id}}}","model":"m","request":{"features":["\u00ff?>\u00fb~~~"]}}"""
            .Replace("\\u00ff", "\u00ff\u00fe", StringComparison.Ordinal);
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(json));
        var address = text.Replace('+', '-').Replace('/', '_');
        foreach (var form in (string[])[text.TrimEnd('='), address, address.TrimEnd('='), $"{text[..40]}\r\n{text[40..]}\n",
            $"{address[..40]}\n{address[40..].TrimEnd('=')}"])
        {
            Assert.Equal(id, PredictionMessageReader.Read(Encoding.ASCII.GetBytes(form)).Id.Value);
        }
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("aGVsbG8=")]
    [InlineData("eyJpZCI6ImEi")]
    public void Read_NeitherJsonNorJsonInBase64_ReportsThis(string message) => Assert.Contains(
        "not valid JSON",
        Assert.Throws<InvalidMessageException>(() => PredictionMessageReader.Read(Encoding.ASCII.GetBytes(message))).Message,
        StringComparison.Ordinal);
}
