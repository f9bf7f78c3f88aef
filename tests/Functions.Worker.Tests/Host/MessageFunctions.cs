using System.Text;
using Functions.Worker.Registry;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Tests.Host;

/// <summary>Queue functions whose descriptors are written by hand.</summary>
internal static class MessageFunctions
{
    public static FunctionDescriptor Create(string name, MessageFunction invoke) => new($"id-of-{name}", name, $"Test.{name}")
    {
        ScriptFile = "test.dll",
        RawBindings = ["""{"name":"message","type":"queueTrigger","direction":"In","queueName":"in"}"""],
        Message = new MessageTrigger
        {
            Binding = "message",
            Queue = new QueueBinding("message", "in", "AzureWebJobsStorage"),
            Invoke = invoke
        },
    };

    /// <summary>Returns the message and its metadata.</summary>
    public static FunctionDescriptor Echo { get; } = Create("EchoMessage", (message, _) =>
    {
        var metadata = message.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $" {m.Key}={m.Value}");
        return ValueTask.FromResult<IReadOnlyList<FunctionOutput>>(
            [new("$return", Encoding.UTF8.GetString(message.Body.Span) + string.Concat(metadata))]);
    });

    public static FunctionDescriptor With(Func<FunctionContext, Task> run) => Create("Run", async (_, context) =>
    {
        await run(context);
        return [];
    });
}
