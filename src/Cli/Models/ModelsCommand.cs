using System.CommandLine;
using System.Text.Json;
using Cli.Output;
using Cli.Server;

namespace Cli.Models;

/// <summary><c>models</c>: shows the models of a server, and manages the models in a store.</summary>
internal static class ModelsCommand
{
    private static readonly Argument<string> Model = new("model") { Description = "The model's name" };

    public static Command Create()
    {
        var list = new Command("list", "List the server's models: versions and their states");
        list.SetAction(ListAsync);
        var show = new Command("show", "Show a model: versions, inputs, outputs, labels") { Model };
        show.SetAction(ShowAsync);
        Completion.OfferModels(Model);
        var command = new Command("models", "Show and manage the models of a server, a folder or a container")
        {
            list, show, PushCommand.Create(), SignCommand.Create(),
        };
        foreach (var child in StoreCommands.Create())
            command.Add(child);
        return command;
    }

    private static async Task<int> ListAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var server = GlobalOptions.Connect(parsed);
        var response = await server.GetAsync("models", cancellationToken);
        if (parsed.GetValue(GlobalOptions.Json))
        {
            JsonConsole.Write(response);
            return ExitCode.Done;
        }

        ServerResponse.Read(() => WriteList([.. response.GetProperty("models").EnumerateArray()]));
        return ExitCode.Done;
    }

    private static void WriteList(List<JsonElement> models)
    {
        WriteVersions(models);
        WriteBlock([.. models.Where(model => ModelWarning.ReadAll(model).Any()).Select(model =>
            $"{model.GetProperty("name")} has warnings: inferctl models show {model.GetProperty("name")}")]);
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var server = GlobalOptions.Connect(parsed);
        var model =
            await server.GetAsync(ServerClient.ModelRoute("models", parsed.GetRequiredValue(Model), version: null), cancellationToken);
        if (parsed.GetValue(GlobalOptions.Json))
        {
            JsonConsole.Write(model);
            return ExitCode.Done;
        }

        ServerResponse.Read(() => WriteModel(model));
        return ExitCode.Done;
    }

    private static void WriteModel(JsonElement model)
    {
        WriteVersions([model]);
        WriteBatching(model);
        WriteWarnings(model);
        if (model.TryGetProperty("inputs", out _))
            WriteSignature(model);
    }

    private static void WriteVersions(IEnumerable<JsonElement> models)
    {
        var table = new TextTable(TableOverflow.WrapLast, "model", "version", "state", "size", "reason");
        foreach (var model in models)
        {
            var name = model.GetProperty("name").ToString();
            var versions = model.GetProperty("versions");
            foreach (var version in versions.EnumerateArray())
            {
                table.Add(
                    name,
                    FormatVersion(version, versions.GetArrayLength()),
                    StyledText.ForState(version.GetProperty("state").ToString()),
                    Sizes.Format(version.GetProperty("size").GetInt64()),
                    GetReason(version));
            }

            // A model has a state of its own when none of its versions can be served.
            if (model.TryGetProperty("state", out var state))
                table.Add(name, "", StyledText.ForState(state.ToString()), "", GetReason(model));
        }

        table.Write();
    }

    /// <summary>Returns the number of a version. If there are several, the default version is marked.</summary>
    private static string FormatVersion(JsonElement version, int count) =>
        $"{version.GetProperty("version")}{(count > 1 && version.TryGetProperty("default", out _) ? " (default)" : "")}";

    private static string GetReason(JsonElement status) =>
        status.TryGetProperty("reason", out var reason) ? reason.ToString().ReplaceLineEndings(" ") : "";

    /// <summary>
    /// Writes for each loaded version whether requests share runs of the model. If they do not, the line also has the reason and advice.
    /// </summary>
    private static void WriteBatching(JsonElement model)
    {
        var lines = new List<string>();
        foreach (var version in model.GetProperty("versions").EnumerateArray())
        {
            if (!version.TryGetProperty("batching", out var batching))
                continue;
            string[] keys = ["reason", "advice", "violation"];
            var texts = keys.Select(name => batching.TryGetProperty(name, out var text) ? $" {text}" : "");
            lines.Add($"version {version.GetProperty("version")}, batching: {batching.GetProperty("contract")}.{string.Concat(texts)}");
        }

        WriteBlock(lines);
    }

    /// <summary>Writes the warnings of the model. Each warning names a file, or a part of a file, that has no effect.</summary>
    private static void WriteWarnings(JsonElement model) =>
        WriteBlock([.. ModelWarning.ReadAll(model).Select(warning => $"warning: {warning}")]);

    /// <summary>Writes an empty line and the lines. Writes nothing when there are no lines.</summary>
    private static void WriteBlock(List<string> lines)
    {
        if (lines.Count > 0)
            Console.Out.WriteLine();
        lines.ForEach(SafeConsole.WriteText);
    }

    private static void WriteSignature(JsonElement model)
    {
        Console.Out.WriteLine();
        var table = new TextTable(TableOverflow.Transpose, "tensor", "name", "type", "shape");
        foreach (var (kind, tensors) in (ReadOnlySpan<(string, string)>)[("input", "inputs"), ("output", "outputs")])
        {
            foreach (var tensor in model.GetProperty(tensors).EnumerateArray())
            {
                var (name, type) = (tensor.GetProperty("name").ToString(), tensor.GetProperty("datatype").ToString());
                table.Add(kind, name, type, JsonConsole.ToText(tensor.GetProperty("shape")));
            }
        }

        table.Write();
        var labels = model.GetProperty("labels");
        Console.Out.WriteLine();
        if (DescribeTask(model) is { } task)
            SafeConsole.WriteText(task);
        SafeConsole.WriteText(
            $"version {model.GetProperty("version")}, batch: {model.GetProperty("batch")}, "
            + $"labels: {(labels.GetArrayLength() == 0 ? "none" : string.Join(", ", labels.EnumerateArray()))}");
    }

    /// <summary>Describes the task of a model, such as text classification, and the kinds of input that the model accepts.</summary>
    /// <returns>Null for a model that accepts tensors only.</returns>
    private static string? DescribeTask(JsonElement model)
    {
        var kinds = model.TryGetProperty("takes", out var accepted)
            ? accepted.EnumerateArray().Select(kind => kind.ToString()).Where(kind => kind != "tensors").ToList()
            : [];
        var task = model.TryGetProperty("task", out var taskName) ? taskName.ToString() : null;
        return task is null && kinds.Count == 0 ? null : $"task: {task ?? "none"}, input: {string.Join(", ", kinds.Append("tensors"))}";
    }
}
