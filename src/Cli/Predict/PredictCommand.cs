using System.CommandLine;
using System.Text.Json;
using Cli.Output;
using Cli.Server;

namespace Cli.Predict;

/// <summary><c>predict</c>: one request, or a whole file in several at a time.</summary>
internal sealed class PredictCommand(ServerClient server, string route, PredictionOutput output)
{
    /// <summary>Enough that the server never waits for the next one, and few enough to end at once.</summary>
    private const int RequestsAtOnce = 4;

    private static readonly Argument<string> Model = new("model") { Description = "The model's name" };
    private static readonly Option<string?> Version = new("--version") { Description = "A version's number or label; without one the server chooses" };
    private static readonly Option<int> Batch = new("--batch") { Description = "Items a request, of files with many", DefaultValueFactory = _ => 256 };
    private static readonly Option<OutputFormat?> Format = new("--format") { Description = "How predictions are printed: table (default), json, csv" };

    public static readonly Option<string?> Data = new("--data") { Description = "JSON: the value of the one input, or a whole request", HelpName = "json" };
    public static readonly Option<string?> File = new("--file") { Description = "A file of JSON, CSV, NPY, PNG or JPEG, told by its content; - is stdin", HelpName = "path" };

    public static Command Create()
    {
        var command = new Command("predict", "Predict one item, or all of a file") { Model, Version, Data, File, Batch, Format };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var format = parsed.GetValue(Format) ?? (parsed.GetValue(GlobalOptions.Json) ? OutputFormat.Json : OutputFormat.Table);
        var batch = parsed.GetValue(Batch);
        if (batch < 1)
            throw CliException.Usage("--batch is 1 or more items.");
        var input = await RequestInput.ReadAsync(parsed.GetValue(Data), parsed.GetValue(File), cancellationToken);
        var route = ServerClient.ModelRoute("models", parsed.GetRequiredValue(Model), parsed.GetValue(Version)) + "/predict";
        using var server = GlobalOptions.Connect(parsed);
        var output = new PredictionOutput(format);
        var command = new PredictCommand(server, route, output);
        try
        {
            if (input.Items is { } items)
                await command.PredictAsync(items, batch, cancellationToken);
            else
                output.WriteOnly(await server.PostAsync(route, ServerClient.Content(input.Body, input.MediaType), cancellationToken));
        }
        finally
        {
            output.Finish();
        }

        return ExitCode.Done;
    }

    /// <summary>Answers are printed in the order of the items, whichever comes first.</summary>
    private async Task PredictAsync(IReadOnlyList<string> items, int batch, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var progress = new ProgressLine("predicting", items.Count, "items");
        var running = new Queue<Task<JsonElement>>();
        try
        {
            foreach (var part in items.Chunk(batch))
            {
                if (running.Count == RequestsAtOnce)
                    Print(await running.Dequeue(), progress);
                running.Enqueue(server.PostAsync(route, ServerClient.JsonContent(RequestInput.Encode(part)), stop.Token));
            }

            while (running.TryDequeue(out var next))
                Print(await next, progress);
        }
        catch (OperationCanceledException)
        {
            throw new CliException($"Cancelled after {output.Items} of {items.Count} items, which are printed.", ExitCode.Cancelled);
        }
        catch (CliException e)
        {
            throw new CliException($"After {output.Items} of {items.Count} items: {e.Message}", e.ExitCode, e);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private void Print(JsonElement answer, ProgressLine progress)
    {
        var before = output.Items;
        output.Write(answer);
        progress.Add(output.Items - before);
    }
}
