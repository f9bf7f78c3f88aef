using Inference.Testing;

namespace Functions.Worker.Generators.Tests;

/// <summary>Calls queue functions through the emitted code.</summary>
public sealed class MessageInvocationTests(TestApp app) : IClassFixture<TestApp>
{
    private static readonly Dictionary<string, string> Metadata = new()
    {
        ["Id"] = "7d1a",
        ["PopReceipt"] = "AgAA==",
        ["DequeueCount"] = "3",
        ["InsertionTime"] = "\"2026-08-01T10:00:00+00:00\"",
        ["ExpirationTime"] = "2026-08-08T10:00:00Z",
        ["NextVisibleTime"] = "\"2026-08-01T12:00:30+02:00\"",
    };

    [Theory]
    [InlineData("Text", "größe", "größe")]
    [InlineData("Text", "", "")]
    [InlineData("Text", "[1,2]", "[1,2]")]
    [InlineData("Memory", "größe", "7")]
    [InlineData("Record", """{"Id":"a","Amount":3}""", "a 3 invocation True")]
    [InlineData("Metadata", "m", "m 7d1a AgAA== 3 2026-08-01 10:00:00Z 2026-08-08 10:00:00Z 2026-08-01 10:00:30Z")]
    [InlineData("Count", "m", "m 3")]
    public async Task Invoke_Message_ReachesTheFunction(string function, string body, string expected) =>
        Assert.Equal([expected], await app.InvokeAsync(function, body, Metadata));

    [Fact]
    public async Task Invoke_Bytes_AreTheSentBytes() => Assert.Equal(["00FF80"], await app.InvokeAsync("Bytes", [0x00, 0xFF, 0x80]));

    [Theory]
    [InlineData("ReturnText", "a", "$return: a")]
    [InlineData("ReturnTexts", "größe", """$return: ["gr\u00F6\u00DFe","\u0022second\u0022"]""")]
    [InlineData("ReturnArray", "a", """$return: ["a"]""")]
    [InlineData("ReturnRecord", "a", """$return: {"Id":"a","Total":2}""")]
    [InlineData("ReturnRecords", "a", """$return: [{"Id":"a","Total":1},{"Id":"a","Total":null}]""")]
    [InlineData("ReturnStruct", "a", """$return: {"X":3}""")]
    [InlineData("ReturnSeveral", "a", """Receipt: {"Id":"a","Total":1}""", """Audit: ["a","b"]""", "Inherited: a")]
    [InlineData("ReturnSeveral", "one", "Inherited: one")]
    [InlineData("ReturnText", "none")]
    [InlineData("ReturnRecord", "none")]
    [InlineData("ReturnStruct", "none")]
    [InlineData("ReturnSeveral", "none")]
    public async Task Invoke_Result_IsSentToItsBindings(string function, string body, params string[] expected) =>
        Assert.Equal(expected, await app.InvokeAsync(function, body));

    [Theory]
    [InlineData("Record", "no JSON", "The message is not valid JSON for Order")]
    [InlineData("Record", """{"Id":"a","Amount":"many"}""", "$.Amount")]
    [InlineData("Record", "null", "The message is null")]
    [InlineData("Record", "", "The message is not valid JSON for Order")]
    [InlineData("Count", "m", "The host sent no 'DequeueCount'")]
    public async Task Invoke_MessageThatCannotBeRead_SaysWhy(string function, string body, string expected)
    {
        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => app.InvokeAsync(function, body));

        AssertText.Contains(expected, exception.Message);
    }

    [Theory]
    [InlineData("DequeueCount", "often", "Count")]
    [InlineData("InsertionTime", "early", "Metadata")]
    public async Task Invoke_MetadataThatCannotBeRead_SaysWhich(string name, string value, string function)
    {
        var metadata = new Dictionary<string, string>(Metadata) { [name] = value };

        var exception = await Assert.ThrowsAsync<InvalidDataException>(() => app.InvokeAsync(function, "m", metadata));

        Assert.Contains($"'{name}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_Outputs_AreKnownToAListenerOfItsOwn()
    {
        var function = app["ReturnSeveral"].Message!;

        Assert.Equal("input", function.Queue?.QueueName);
        Assert.Equal(
            ["Receipt receipts AzureWebJobsStorage", "Audit %Audit% AuditStorage", "Inherited base AzureWebJobsStorage"],
            function.Outputs.Select(o => $"{o.Name} {o.QueueName} {o.Connection}"));
    }
}
