using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Sas;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>Runs the poison commands on messages in a real Azurite.</summary>
public sealed class PoisonTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    private readonly QueueClient _queue = new(azurite.ConnectionString, "orders");
    private readonly QueueClient _failed = new(azurite.ConnectionString, "orders-failed");
    private readonly QueueClient _poison = new(azurite.ConnectionString, "orders-poison");
    private readonly BlobContainerClient _results = new(azurite.ConnectionString, "order-results");

    private (string, string) Account => ("AZURE_STORAGE_CONNECTION_STRING", azurite.ConnectionString);

    [Fact]
    public async Task List_Replay_Drop_ActOnTheRequestedMessagesOnly()
    {
        await _queue.CreateAsync();
        await _failed.CreateAsync();
        await _poison.CreateAsync();
        await _results.CreateAsync();
        await GiveUpAsync(("a", "overloaded"), ("b", "modelUnavailable"), ("c", "modelUnavailable"));
        await _poison.SendMessageAsync("hello");

        var list = await RunAsync("list");
        Assert.Matches(@"\n- +invalidMessage +\d+ (s|min) ago +The message is not valid JSON, nor JSON in base64", list.Output);
        Assert.Matches(@"\nb +modelUnavailable +\d+ (s|min) ago +reason of b\n", list.Output);
        Assert.EndsWith("4 of 4 in orders-failed and orders-poison.\n", list.Output, StringComparison.Ordinal);
        Assert.Single((await RunAsync("list", "--id", "a", "--json")).Output.TrimEnd().Split('\n'), line =>
            line.Contains("\"error\":\"overloaded\"", StringComparison.Ordinal));

        var refused = await RunAsync("replay", "--error", "modelUnavailable");
        Assert.Equal((2, true), (refused.ExitCode, refused.Error.Contains("--yes", StringComparison.Ordinal)));

        Assert.Contains("2 replayed.", (await RunAsync("replay", "--error", "modelUnavailable", "--yes")).Error, StringComparison.Ordinal);
        var replayed = (await _queue.ReceiveMessagesAsync(maxMessages: 10)).Value;
        Assert.Equal([Message("b"), Message("c")], replayed.Select(message => message.Body.ToString()).Order(StringComparer.Ordinal));
        Assert.False(await _results.GetBlobClient("b.json").ExistsAsync());
        Assert.True(await _results.GetBlobClient("a.json").ExistsAsync());

        Assert.Contains("1 dropped.", (await RunAsync("drop", "--id", "a", "--yes")).Error, StringComparison.Ordinal);
        Assert.Contains("1 dropped.", (await RunAsync("drop", "--all", "--yes")).Error, StringComparison.Ordinal);
        Assert.Equal("0 of 0 in orders-failed and orders-poison.\n", (await RunAsync("list", "--all")).Output);
    }

    [Theory]
    [InlineData(
        "No message in known-failed and known-poison has the id \"unknown\". The ids are \"a\".", "drop", "--id", "unknown", "--yes")]
    [InlineData("No message in known-failed and known-poison has the id \"unknown\".", "list", "--id", "unknown", "--json")]
    [InlineData(
        "No message in known-failed and known-poison failed with \"bogus\". The errors are \"noResult\".",
        "replay", "--error", "bogus")]
    [InlineData("The storage account has no queue \"nope\". It has \"", "list", "--queue", "nope")]
    [InlineData("The storage account has no queue \"nope\". It has \"", "drop", "--all", "--yes", "--queue", "nope")]
    public async Task UnknownName_IsAnErrorThatListsTheKnownOnes(string message, params string[] arguments)
    {
        var failed = new QueueClient(azurite.ConnectionString, "known-failed");
        await failed.CreateIfNotExistsAsync();
        await failed.ClearMessagesAsync();
        await failed.SendMessageAsync(Message("a"));
        await new BlobContainerClient(azurite.ConnectionString, "known-results").CreateIfNotExistsAsync();
        string[] queue = arguments.Contains("--queue") ? [] : ["--queue", "known"];

        var result = await CliProcess.RunAsync(Account, ["poison", .. arguments, .. queue, "--container", "known-results"]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        AssertText.Contains(message, result.Error);
        // The message is visible again.
        Assert.Single((await failed.ReceiveMessagesAsync(maxMessages: 10)).Value);
    }

    /// <summary>
    /// The message would be lost: a server finds the failed result in its own container, and deletes the message without a prediction.
    /// </summary>
    [Theory]
    [InlineData("other-results", "The container \"other-results\" has no failed result of \"a\", so this message was not replayed.")]
    [InlineData("no-results", "The storage account has no container \"no-results\", so nothing was replayed. Set --container")]
    public async Task Replay_ContainerWithoutTheResult_KeepsTheMessage(string container, string message)
    {
        var failed = new QueueClient(azurite.ConnectionString, "kept-failed");
        await failed.CreateIfNotExistsAsync();
        await failed.ClearMessagesAsync();
        await failed.SendMessageAsync(Message("a"));
        await new BlobContainerClient(azurite.ConnectionString, "other-results").CreateIfNotExistsAsync();

        var result = await CliProcess.RunAsync(Account, "poison", "replay", "--all", "--yes", "--queue", "kept", "--container", container);

        Assert.Equal(1, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.DoesNotContain("Replay the message", result.Output, StringComparison.Ordinal);
        Assert.Equal(Message("a"), Assert.Single((await failed.ReceiveMessagesAsync(maxMessages: 10)).Value).Body.ToString());
    }

    [Fact]
    public async Task Replay_SomeResultsAreMissing_ReplaysTheOthers()
    {
        var failed = new QueueClient(azurite.ConnectionString, "part-failed");
        var results = new BlobContainerClient(azurite.ConnectionString, "part-results");
        await failed.CreateAsync();
        await results.CreateAsync();
        await failed.SendMessageAsync(Message("a"));
        await failed.SendMessageAsync(Message("b"));
        await results.UploadBlobAsync("b.json", new BinaryData("""{"id":"b","status":"failed","error":{"code":"c","message":"m"} }"""));

        var result = await CliProcess.RunAsync(
            Account, "poison", "replay", "--all", "--yes", "--queue", "part", "--container", "part-results");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("1 replayed.", result.Error, StringComparison.Ordinal);
        Assert.Contains("has no failed result of \"a\"", result.Error, StringComparison.Ordinal);
        var queue = new QueueClient(azurite.ConnectionString, "part");
        Assert.Equal(Message("b"), Assert.Single((await queue.ReceiveMessagesAsync(maxMessages: 10)).Value).Body.ToString());
        Assert.Equal(Message("a"), Assert.Single((await failed.ReceiveMessagesAsync(maxMessages: 10)).Value).Body.ToString());
    }

    /// <summary>An identity that may only process messages cannot read the properties of a queue.</summary>
    [Fact]
    public async Task List_EmptyQueuesOfAnAccountWhoseQueuesCannotBeRead_HasNoError()
    {
        await new QueueClient(azurite.ConnectionString, "limited-failed").CreateAsync();
        var service = new QueueServiceClient(azurite.ConnectionString);
        var uri = service.GenerateAccountSasUri(
            AccountSasPermissions.All, DateTimeOffset.UtcNow.AddHours(1), AccountSasResourceTypes.Object);
        var account = $"QueueEndpoint={service.Uri.AbsoluteUri};SharedAccessSignature={uri.Query.TrimStart('?')}";

        var list = await CliProcess.RunAsync(("AZURE_STORAGE_CONNECTION_STRING", account), "poison", "list", "--queue", "limited");

        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        Assert.Equal("0 of 0 in limited-failed and limited-poison.\n", list.Output);
    }

    [Fact]
    public async Task List_LongReason_IsWholeInAPipeAndFitsATerminal()
    {
        var failed = new QueueClient(azurite.ConnectionString, "long-failed");
        var results = new BlobContainerClient(azurite.ConnectionString, "long-results");
        await failed.CreateAsync();
        await results.CreateAsync();
        await failed.SendMessageAsync(Message("a"));
        var reason = string.Concat(Enumerable.Repeat("some words ", 20)) + "end";
        await results.UploadBlobAsync(
            "a.json", new BinaryData($$"""{"id":"a","status":"failed","error":{"code":"c","message":"{{reason}}"} }"""));
        string[] list = ["poison", "list", "--queue", "long", "--container", "long-results"];

        Assert.Contains($"{reason}\n", (await CliProcess.RunAsync(Account, list)).Output, StringComparison.Ordinal);
        var seen = await CliProcess.RunSuccessfullyInTerminalAsync(Account, list);
        ScreenTests.AssertFits(seen, CliProcess.TerminalWidth);
        Assert.EndsWith("words end", seen.Split("\n1 of 1 in", 2)[0], StringComparison.Ordinal);
    }

    /// <summary>The sender of a message controls part of the reason.</summary>
    [Fact]
    public async Task List_ReasonThatMovesTheCursor_IsPrintedAsText()
    {
        var failed = new QueueClient(azurite.ConnectionString, "hostile-failed");
        var results = new BlobContainerClient(azurite.ConnectionString, "hostile-results");
        await failed.CreateAsync();
        await results.CreateAsync();
        await failed.SendMessageAsync(Message("a"));
        await results.UploadBlobAsync(
            "a.json",
            new BinaryData(
                """{"id":"a","status":"failed","error":{"code":"\u001b[2J","message":"\u001b]0;x\u0007\u009b1m\r\ngood  1  ready\u202e"} }"""));

        var list = await CliProcess.RunAsync(Account, "poison", "list", "--queue", "hostile", "--container", "hostile-results");

        Assert.True(list.ExitCode == 0, list.Error);
        TerminalTests.AssertPrinted(list);
        Assert.Contains(@"\u001b[2J", list.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--all", "poison", "replay")]
    [InlineData("--all", "poison", "drop", "--yes")]
    [InlineData("--all", "poison", "list", "--all", "--id", "a")]
    [InlineData("See inferctl poison --help", "poison", "eat")]
    [InlineData("--queue is \"No!\"", "poison", "list", "--queue", "No!")]
    [InlineData("--account is not an account name", "poison", "list", "--account", "No!")]
    [InlineData("or --account to use an identity", "poison", "list")]
    public async Task WrongUsage_ReportsTheRightOne(string message, params string[] arguments)
    {
        var result = await CliProcess.RunAsync(("AZURE_STORAGE_CONNECTION_STRING", ""), arguments);

        Assert.Equal(2, result.ExitCode);
        AssertText.Contains(message, result.Error);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    private async Task GiveUpAsync(params (string Id, string Code)[] messages)
    {
        foreach (var (id, code) in messages)
        {
            await _failed.SendMessageAsync(Message(id));
            await _results.UploadBlobAsync(
                $"{id}.json",
                new BinaryData($$"""{"id":"{{id}}","status":"failed","error":{"code":"{{code}}","message":"reason of {{id}}"} }"""));
        }
    }

    private static string Message(string id) => $$"""{"id":"{{id}}","model":"iris","request":{"features":[1,2,3,4]} }""";

    private async Task<CliResult> RunAsync(params string[] arguments)
    {
        var result = await CliProcess.RunAsync(Account, ["poison", .. arguments, "--queue", "orders", "--container", "order-results"]);
        Assert.True(result.ExitCode is 0 or 2, result.Error);
        return result;
    }
}
