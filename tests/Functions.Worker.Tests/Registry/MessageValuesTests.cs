using Functions.Worker.Registry;
using Inference.Testing;

namespace Functions.Worker.Tests.Registry;

public sealed class MessageValuesTests
{
    [Theory]
    [InlineData("3", 3)]
    [InlineData("\"-3\"", -3)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("-2147483648", int.MinValue)]
    public void MetadataInt32_WholeNumber_IsRead(string text, int expected) =>
        Assert.Equal(expected, MessageValues.MetadataInt32(Message(text), "DequeueCount"));

    [Theory]
    [InlineData("2147483648", "'DequeueCount' is 2147483648")]
    [InlineData("-2147483649", "'DequeueCount' is -2147483649")]
    [InlineData("many", "'DequeueCount' is not a number: 'many'")]
    public void MetadataInt32_OtherValue_IsNamed(string text, string message)
    {
        var failure = Assert.Throws<InvalidDataException>(() => MessageValues.MetadataInt32(Message(text), "DequeueCount"));

        AssertText.Contains(message, failure.Message);
    }

    private static TriggerMessage Message(string count) =>
        new(ReadOnlyMemory<byte>.Empty, new Dictionary<string, string> { ["DequeueCount"] = count });
}
