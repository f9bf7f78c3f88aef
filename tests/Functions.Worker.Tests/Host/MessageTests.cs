using Functions.Worker.Protocol;
using Functions.Worker.Registry;
using Functions.Worker.Tests.Functions;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Tests.Host;

public sealed class MessageTests
{
    public static TheoryData<string> Bodies => ["string", "json", "bytes"];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Invoke_AnyFormOfBody_ReachesTheFunction(string form)
    {
        await using var app = await WorkerApp.StartAsync(MessageFunctions.Echo);
        var data = form switch
        {
            "string" => new TypedData { String = "hellö" },
            "json" => new TypedData { Json = "hellö" },
            _ => new TypedData { Bytes = ByteString.CopyFromUtf8("hellö") },
        };

        var response = await InvokeAsync(app, "EchoMessage", data, request =>
        {
            request.TriggerMetadata["Id"] = new() { String = "i" };
            request.TriggerMetadata["DequeueCount"] = new() { Int = 2 };
            request.TriggerMetadata["Share"] = new() { Double = 0.5 };
            request.TriggerMetadata["Time"] = new() { Json = "\"t\"" };
            request.TriggerMetadata["Empty"] = new();
        });

        Assert.Equal(StatusResult.Types.Status.Success, response.Result.Status);
        var entries = response.ReturnValue.String.Split(' ');
        Assert.Equal("hellö", entries[0]);
        Assert.Superset(new HashSet<string> { "DequeueCount=2", "Id=i", "Share=0.5", "Time=\"t\"" }, entries.ToHashSet());
        Assert.DoesNotContain(entries, entry => entry.StartsWith("Empty", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Invoke_QueueWithoutMetadata_GetsDefaults()
    {
        await using var app = await WorkerApp.StartAsync(MessageFunctions.Echo);

        var response = await InvokeAsync(app, "EchoMessage", new() { String = "m" });

        Assert.Equal(StatusResult.Types.Status.Success, response.Result.Status);
        var entries =
            response.ReturnValue.String.Split(' ')[1..].Select(entry => entry.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(("1", response.InvocationId, ""), (entries["DequeueCount"], entries["Id"], entries["PopReceipt"]));
        Assert.Equal(
            DateTimeOffset.MaxValue, DateTimeOffset.Parse(entries["ExpirationTime"], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(entries["InsertionTime"][..10], entries["NextVisibleTime"][..10]);
    }

    [Fact]
    public async Task Invoke_QueueWithMetadata_KeepsIt()
    {
        await using var app = await WorkerApp.StartAsync(MessageFunctions.Echo);

        var response = await InvokeAsync(app, "EchoMessage", new() { String = "m" }, request =>
        {
            request.TriggerMetadata["id"] = new() { String = "i" };
            request.TriggerMetadata["DequeueCount"] = new() { Json = "3" };
        });

        Assert.Contains(" DequeueCount=3 ", response.ReturnValue.String, StringComparison.Ordinal);
        Assert.Contains(" id=i", response.ReturnValue.String, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_Outputs_HaveTheTypeOfTheirValue()
    {
        var function = MessageFunctions.Create("Outputs", (_, _) => ValueTask.FromResult<IReadOnlyList<FunctionOutput>>(
            [new("$return", """{"a":1}"""), new("one", " [1,2]"), new("two", "{text"), new("three", "12")]));
        await using var app = await WorkerApp.StartAsync(function);

        var response = await InvokeAsync(app, "Outputs", new() { String = "" });

        Assert.Equal("""{"a":1}""", response.ReturnValue.Json);
        Assert.Equal(["one", "two", "three"], response.OutputData.Select(o => o.Name));
        Assert.Equal([" [1,2]", "", ""], response.OutputData.Select(o => o.Data.Json));
        Assert.Equal(["", "{text", "12"], response.OutputData.Select(o => o.Data.String));
    }

    [Fact]
    public async Task Invoke_NoOutput_HasNoReturnValue()
    {
        await using var app = await WorkerApp.StartAsync(MessageFunctions.With(_ => Task.CompletedTask));

        var response = await InvokeAsync(app, "Run", new() { String = "" });

        Assert.Null(response.ReturnValue);
        Assert.Empty(response.OutputData);
    }

    [Fact]
    public async Task Invoke_FunctionThrows_FailsAndTheNextRuns()
    {
        var bad = MessageFunctions.With(_ => throw new FormatException("bad"));
        await using var app = await WorkerApp.StartAsync(bad, MessageFunctions.Echo);

        var failed = await InvokeAsync(app, "Run", new() { String = "" });
        var next = await InvokeAsync(app, "EchoMessage", new() { String = "x" });

        Assert.Equal(StatusResult.Types.Status.Failure, failed.Result.Status);
        var exception = failed.Result.Exception;
        Assert.Equal(("bad", "System.FormatException", true), (exception.Message, exception.Type, exception.IsUserException));
        Assert.StartsWith("x ", next.ReturnValue.String, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_MessageMissing_Fails()
    {
        await using var app = await WorkerApp.StartAsync(MessageFunctions.Echo);

        var id = app.Announce("EchoMessage");

        var result = (await app.Host.ResponseAsync(id)).Result;
        Assert.Equal(StatusResult.Types.Status.Failure, result.Status);
        Assert.Contains("'message'", result.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_FunctionRuns_IsCancelledAndAnswered()
    {
        await using var app = await WorkerApp.StartAsync(
            MessageFunctions.With(c => c.InstanceServices.GetRequiredService<Gate>().PassAsync(c.CancellationToken)));
        var id = app.Announce("Run", with: request => request.InputData.Add(Message(new() { String = "" })));
        await app.Gate.Entered.WaitAsync(FakeHost.Timeout);

        app.Host.Send(new() { InvocationCancel = new() { InvocationId = id } });

        Assert.Equal(StatusResult.Types.Status.Cancelled, (await app.Host.ResponseAsync(id)).Result.Status);
        Assert.True(app.Gate.Cancelled.IsCompleted);
    }

    internal static ParameterBinding Message(TypedData data) => new() { Name = "message", Data = data };

    private static async Task<InvocationResponse> InvokeAsync(
        WorkerApp app, string function, TypedData data, Action<InvocationRequest>? with = null) =>
        await app.Host.ResponseAsync(app.Announce(function, with: request =>
        {
            request.InputData.Add(Message(data));
            with?.Invoke(request);
        }));
}
