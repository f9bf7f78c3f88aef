using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Cli.Tests.Documents;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>
/// Compares the output of each command on a terminal of 80 columns with transcript.txt. UPDATE_GENERATED=1 rewrites that file. Whitespace
/// and numbers may differ, because times, sizes and lengths of paths depend on the machine.
/// </summary>
public sealed partial class TranscriptTests(ServedModels served, AzuriteFixture azurite)
    : IClassFixture<ServedModels>, IClassFixture<AzuriteFixture>, IDisposable
{
    private const int Width = 80;

    private const string Advice =
        "Add a new command to PrepareAsync. Then run UPDATE_GENERATED=1 dotnet test tests/Cli.Tests --filter TranscriptTests, and read the "
        + "diff of transcript.txt.";

    private readonly TempFolder _folder = new();
    private readonly HttpDouble _jobs = new(AnswerJob);

    private static string Recorded => Path.Combine(DocumentedBlock.Repository, "tests", "Cli.Tests", "transcript.txt");

    [Fact]
    public async Task EachCommand_AtEightyColumns_MatchesTheTranscript()
    {
        var transcript = new StringBuilder();
        foreach (var (name, value, arguments) in await PrepareAsync())
        {
            var result = await CliProcess.RunInTerminalAsync(Width, (name, value), arguments);
            var seen = CliProcess.GetScreenText(result).TrimEnd();
            if (arguments[0] != "completion")
                ScreenTests.AssertFits(seen, Width);
            transcript.Append($"$ inferctl {string.Join(' ', arguments)}\n{seen}\n\n");
        }

        var text = Shorten(transcript.ToString());
        var missing = (await UsageTests.CommandsAsync()).FindAll(command => !text.Contains($"$ {command}", StringComparison.Ordinal));
        Assert.True(missing.Count == 0, $"The transcript has no {string.Join(", ", missing)}. {Advice}");
        var recorded = await File.ReadAllTextAsync(Recorded);
        text = KeepRecorded(recorded, text);
        if (Environment.GetEnvironmentVariable("UPDATE_GENERATED") == "1")
            await File.WriteAllTextAsync(Recorded, text);
        else
            Assert.True(text == recorded, $"transcript.txt differs. {Advice}\n{string.Concat(Blocks(text).Except(Blocks(recorded)))}");
    }

    public void Dispose()
    {
        _folder.Dispose();
        _jobs.Dispose();
    }

    /// <summary>Creates the models, keys and messages that the commands use.</summary>
    /// <returns>The commands, each with an environment variable.</returns>
    private async Task<List<(string Name, string Value, string[] Arguments)>> PrepareAsync()
    {
        var store = _folder.Combine("store");
        var (model, key) = (ServedModels.PathOf("iris", "1"), _folder.Combine("signing.pem"));
        Directory.CreateDirectory(store);
        Directory.CreateDirectory(_folder.Combine("signed"));
        File.Copy(Path.Combine(model, "model.onnx"), _folder.Combine("signed", "model.onnx"));
        using (var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            await File.WriteAllTextAsync(key, ecdsa.ExportPkcs8PrivateKeyPem());
        await GiveUpAsync("a", "b");
        string[][] ofServer =
        [
            ["version"], ["help"], ["models", "list"], ["models", "show", "iris"], ["models", "ls"], ["models", "push"],
            ["predict", "iris", "--data", "[[5.1,3.5,1.4,0.2],[6.3,3.3,6.0,2.5]]"], ["predict", "iris", "--data", "[1]"],
            ["models", "push", model, "iris", "--store", store], ["models", "verify", "iris", "--store", store],
            ["models", "sign", _folder.Combine("signed"), "--name", "iris", "--version", "2", "--private-key", key],
            ["models", "pull", "iris", _folder.Combine("pulled"), "--store", store], ["doctor", "--store", store],
            ["models", "remove", "iris", "--version", "1", "--store", store, "--yes"],
            ["bench", "iris", "--concurrency", "1,2", "--window", "1", "--max-windows", "3", "--warmup", "0.1"],
            ["completion", "bash"],
        ];
        string[][] ofJobs = [["jobs", "list"], ["jobs", "submit", "iris", "--data", "[1]", "--id", "order-1"], ["jobs", "watch", "order-1"],
            ["jobs", "get", "order-1"], ["jobs", "cancel", "order-1"]];
        string[][] ofQueues = [["poison", "list"], ["poison", "replay", "--id", "a", "--yes"], ["poison", "drop", "--all", "--yes"]];
        return
        [
            .. ofServer.Select(arguments => ("INFERCTL_ENDPOINT", served.Endpoint, arguments)),
            .. ofJobs.Select(arguments => ("INFERCTL_ENDPOINT", _jobs.Address, arguments)),
            .. ofQueues.Select(arguments => ("AZURE_STORAGE_CONNECTION_STRING", azurite.ConnectionString, arguments)),
        ];
    }

    /// <summary>Puts messages into the queue of failed messages.</summary>
    private async Task GiveUpAsync(params string[] ids)
    {
        await new QueueClient(azurite.ConnectionString, "predictions").CreateAsync();
        var results = new BlobContainerClient(azurite.ConnectionString, "prediction-results");
        await results.CreateAsync();
        var failed = new QueueClient(azurite.ConnectionString, "predictions-failed");
        await failed.CreateAsync();
        foreach (var id in ids)
        {
            await failed.SendMessageAsync($$"""{"id":"{{id}}","model":"iris","request":{"features":[1,2,3,4]} }""");
            await results.UploadBlobAsync(
                $"{id}.json",
                new BinaryData($$"""{"id":"{{id}}","status":"failed","error":{"code":"timeout","message":"The request timed out."} }"""));
        }
    }

    private string Shorten(string text) => text
        .Replace(_folder.Path, "/home/me", StringComparison.Ordinal)
        .Replace(ServedModels.PathOf(), "/models", StringComparison.Ordinal)
        .Replace(new Uri(served.Endpoint).Authority, "127.0.0.1:7071", StringComparison.Ordinal);

    /// <summary>
    /// Returns the new transcript with the recorded block of each command whose output differs only in whitespace and numbers. The diff of
    /// the file then shows only real changes.
    /// </summary>
    private static string KeepRecorded(string recorded, string text)
    {
        var blocks = Blocks(recorded).GroupBy(KeyOf).ToDictionary(group => group.Key, group => group.First());
        return string.Concat(Blocks(text).Select(block => blocks.GetValueOrDefault(KeyOf(block), block)));

        static string KeyOf(string block) => block.Split('\n')[0] + Comparable(block);
    }

    /// <summary>Returns each command with its output.</summary>
    private static string[] Blocks(string transcript) => Command().Split(transcript);

    /// <summary>Removes whitespace, progress bars, plots and units, and replaces every number by 0.</summary>
    private static string Comparable(string text) => Number().Replace(Varying().Replace(text, ""), "0");

    private static void AnswerJob(HttpListenerContext context)
    {
        const string Job = """{"id":"order-1","model":"iris","version":1,"status":"succeeded","created":"2020-01-02T03:04:05Z","attempts":1}""";
        const string Failed = """
            {"id":"2f1c5a0b7e7d4c53a1d0f0a6b9c3e821","model":"iris","status":"failed","created":"2020-01-02T03:04:05Z","attempts":5,
             "error":{"code":"modelUnavailable","message":"Model iris/2 does not load: its file is cut off. Upload it again."} }
            """;
        context.Response.OutputStream.Write(
            Encoding.UTF8.GetBytes(context.Request.Url!.AbsolutePath == "/jobs" ? $$"""{"jobs":[{{Job}},{{Failed}}]}""" : Job));
    }

    [GeneratedRegex(@"\[#+\.*\]|(?m)^[ \d.ms]*(\||\+-).*$|\b(bytes|[KMGT]iB|s|min|yes|no|is|are|slots?)\b|\s")]
    private static partial Regex Varying();

    [GeneratedRegex(@"(?m)^(?=\$ inferctl )")]
    private static partial Regex Command();

    [GeneratedRegex(@"-?\d+(\.\d+)?(E-\d+)?")]
    private static partial Regex Number();
}
