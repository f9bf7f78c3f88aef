using System.CommandLine;
using System.Text.Json;
using Cli.Output;
using Cli.Server;
using Inference;

namespace Cli.Predict;

/// <summary><c>predict</c>: sends one request, or divides a file among several concurrent requests.</summary>
internal sealed class PredictCommand(ServerClient server, string route, PredictionOutput output, ItemErrorLocator locator)
{
    /// <summary>The maximum number of concurrent requests: enough to keep the server busy, and few enough to cancel quickly.</summary>
    private const int MaxConcurrentRequests = 4;

    private static readonly Argument<string> Model = new("model") { Description = "The model's name" };
    private static readonly Option<string?> Version =
        new("--version") { Description = "A version's number or label (default: the server chooses)" };
    private static readonly Option<int> Batch =
        new("--batch") { Description = "Items per request, for files with many items", DefaultValueFactory = _ => 256 };
    private static readonly Option<OutputFormat?> Format =
        new("--format") { Description = "How predictions are printed (default: table)", HelpName = "table|json|csv" };
    private static readonly Option<string?> Output = new("--output")
    {
        Description = "A file for predictions, in the format that its name ends with: .csv, .json, .npy, .npz",
        HelpName = "path",
    };

    public static Command Create()
    {
        var command = new Command("predict", "Predict one item, or all of a file") { Model, Version };
        InputOptions.AddTo(command);
        foreach (var option in (Option[])[Batch, Format, Output])
            command.Add(option);
        Completion.OfferModels(Model);
        Completion.Offer(Format, "table", "json", "csv");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var batch = parsed.GetValue(Batch);
        if (batch < 1)
            throw CliException.CreateUsageError("--batch must be at least 1.");
        var input = await InputOptions.ReadAsync(parsed, cancellationToken);
        using var server = GlobalOptions.Connect(parsed);
        var model = new ModelInfo(server, parsed.GetRequiredValue(Model), parsed.GetValue(Version));
        input = await input.ForModelAsync(model, cancellationToken);
        using var output = await CreateOutputAsync(parsed, model, input.IsText, cancellationToken);
        var command = new PredictCommand(server, $"{model.Route}/predict", output, new ItemErrorLocator(input.Name));
        var size = new RequestSize(model, batch, isGiven: parsed.GetResult(Batch) is { Implicit: false });
        if (await CsvTable.FindAsync(input, model, cancellationToken) is { } table)
            await command.PredictAsync(table.Rows, row => row.Line, table.Encode, size, cancellationToken);
        else
            await command.PredictAsync(input, size, cancellationToken);
        output.Complete();
        return ExitCode.Done;
    }

    private static async Task<PredictionOutput> CreateOutputAsync(
        ParseResult parsed, ModelInfo model, bool isText, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Output) is not { } path)
        {
            if (parsed.GetValue(GlobalOptions.Json) && parsed.GetValue(Format) is OutputFormat.Table or OutputFormat.Csv)
                throw CliException.CreateUsageError("--json and --format exclude each other. Leave out one of them.");
            return new TextOutput(
                parsed.GetValue(Format) ?? (parsed.GetValue(GlobalOptions.Json) ? OutputFormat.Json : OutputFormat.Table), Console.Out)
            {
                IsText = isText,
            };
        }

        CommandFile.ThrowIfNotWritable(path, Output.Name);
        if (parsed.GetValue(Format) is not null)
            throw CliException.CreateUsageError("--format is for printed output. The extension of --output decides the file's format.");
        switch (Path.GetExtension(path).ToUpperInvariant())
        {
            case ".CSV":
                return CreateTextFileOutput(OutputFormat.Csv, path, isText);
            case ".JSON":
                return CreateTextFileOutput(OutputFormat.Json, path, isText);
            case ".NPY" or ".NPZ":
                var types = NumpyOutput.ReadTypes(await model.GetMetadataAsync(cancellationToken));
                return new NumpyOutput(path, new OutputFile(path), types, isText);
            default:
                throw CliException.CreateUsageError("--output must end with .csv, .json, .npy or .npz. The extension decides the format.");
        }
    }

    private static TextOutput CreateTextFileOutput(OutputFormat format, string path, bool isText)
    {
        var file = new OutputFile(path);
        return new TextOutput(format, new StreamWriter(file.Stream), file) { IsText = isText };
    }

    private async Task PredictAsync(PredictInput input, RequestSize size, CancellationToken cancellationToken)
    {
        if (input.Items is { } items)
            await PredictAsync(items, item => item.Line, input.Encode, size, cancellationToken);
        else
            await PredictSingleAsync(input, cancellationToken);
    }

    private async Task PredictSingleAsync(PredictInput input, CancellationToken cancellationToken)
    {
        var response = await server.PostAsync(route, ServerClient.Content(input.Body, input.MediaType), cancellationToken);
        ServerResponse.Read(() => WriteSingle(response));
    }

    /// <summary>
    /// Writes the response to one request. A response in the format of Hugging Face's inference API has no member <c>predictions</c>. Such
    /// a response is printed as JSON.
    /// </summary>
    private void WriteSingle(JsonElement response)
    {
        if (!output.IsPrinted || (response.ValueKind == JsonValueKind.Object && response.TryGetProperty("predictions", out _)))
            output.WriteSingle(response);
        else
            JsonConsole.Write(response);
    }

    /// <summary>Predicts items in several requests. Responses are written in the order of the items, not of their arrival.</summary>
    private async Task PredictAsync<T>(
        IReadOnlyList<T> items, Func<T, int> getLine, Func<T[], byte[]> encode, RequestSize size, CancellationToken cancellationToken)
    {
        var batch = await size.ChooseAsync(items.Count, cancellationToken);
        using var requestCancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var progress = new ProgressLine("predicting", items.Count, "item");
        var running = new Queue<Task<JsonElement>>();
        try
        {
            foreach (var chunk in items.Chunk(batch))
            {
                if (running.Count == MaxConcurrentRequests)
                    Write(await running.Dequeue(), progress);
                running.Enqueue(server.PostAsync(route, ServerClient.JsonContent(encode(chunk)), requestCancellation.Token));
            }

            while (running.TryDequeue(out var next))
                Write(await next, progress);
        }
        catch (OperationCanceledException)
        {
            throw new CliException(
                $"Cancelled after {output.ItemCount} of {Counted.Text(items.Count, "item")}"
                + (output.IsPrinted ? ", whose predictions are written." : ". The file of --output is not written."),
                ExitCode.Cancelled);
        }
        catch (CliException e)
        {
            var lines = items.Skip(output.ItemCount).Take(batch).Select(getLine).ToList();
            throw new CliException(
                $"After {output.ItemCount} of {Counted.Text(items.Count, "item")}: {locator.Describe(e, output.ItemCount, lines)}",
                e.ExitCode,
                e);
        }
        finally
        {
            await requestCancellation.CancelAsync();
            await Task.WhenAll(running).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private void Write(JsonElement response, ProgressLine progress)
    {
        var before = output.ItemCount;
        ServerResponse.Read(() => output.Write(response));
        progress.Add(output.ItemCount - before);
    }
}
