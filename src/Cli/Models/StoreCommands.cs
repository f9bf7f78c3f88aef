using System.CommandLine;
using Cli.Models.Stores;
using Cli.Output;
using Inference.Models;
using Inference.Repository;

namespace Cli.Models;

/// <summary>The commands <c>models pull</c>, <c>remove</c> and <c>verify</c>.</summary>
internal static class StoreCommands
{
    private static readonly Argument<string> Name = new("name") { Description = "The model's name in the store" };
    private static readonly Argument<string> Target =
        new("folder") { Description = "The models folder to copy the version to, as <folder>/<name>/<version>" };
    private static readonly Option<long?> Version = new("--version") { Description = "The version's number (default: the highest)" };
    private static readonly Option<long> RemovedVersion = new("--version") { Description = "The version's number", Required = true };
    private static readonly Option<bool> Yes = Confirmation.CreateYes();
    private static readonly Option<string?> PublicKey =
        new(StoredVersion.PublicKeyOption) { Description = "Require a signature by this key", HelpName = "pem file" };

    public static IEnumerable<Command> Create()
    {
        Completion.OfferStored(Name);
        yield return Create(
            "pull", "Copy a version from a store to a folder", PullAsync, Name, Target, Version, StoreOptions.Store, PublicKey);
        yield return Create("remove", "Delete a version from a store", RemoveAsync, Name, RemovedVersion, StoreOptions.Store, Yes);
        yield return Create("verify", "Compare a version in a store with its manifest or signed statement", VerifyAsync, Name, Version,
            StoreOptions.Store, PublicKey);
    }

    private static Command Create(
        string name, string description, Func<ParseResult, CancellationToken, Task<int>> run, params Symbol[] symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }

        command.SetAction(run);
        return command;
    }

    private static Task<StoredVersion> FindAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var version = StoreOptions.CheckVersion(parsed.GetValue(Version));
        var name = StoreOptions.ParseModel(parsed.GetRequiredValue(Name));
        return StoredVersion.FindAsync(
            StoreOptions.Open(parsed.GetRequiredValue(StoreOptions.Store)), name, version, cancellationToken);
    }

    private static async Task<string?> ReadKeyAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        parsed.GetValue(PublicKey) is { } path ? await CommandFile.ReadTextAsync(path, PublicKey.Name, cancellationToken) : null;

    private static async Task<int> PullAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var key = await ReadKeyAsync(parsed, cancellationToken);
        var version = await FindAsync(parsed, cancellationToken);
        var target = parsed.GetRequiredValue(Target);
        // The settings are listed before the pull, because a later error would report a failure although the version was copied.
        var settings = await ListSettingsAsync(version, cancellationToken);
        await new VersionPull(version, target).RunAsync(key, cancellationToken);
        if (settings.Count > 0)
        {
            SafeConsole.WriteError(
                $"The settings of {version.Id.Name} apply to all its versions, and are not pulled: {string.Join(", ", settings)}. "
                + "To serve the model with the same settings, "
                + $"copy them from {version.Store} to \"{Path.Combine(target, version.Id.Name.Value)}\".");
        }

        WriteResult(parsed, version.Id, $"{version.Id} is in {target}.");
        return ExitCode.Done;
    }

    /// <summary>Lists the names of the settings files of the model. A pull copies only the files of a version.</summary>
    private static async Task<List<string>> ListSettingsAsync(StoredVersion version, CancellationToken cancellationToken)
    {
        var name = version.Id.Name;
        var stored = await version.Store.ListAsync($"{name}/", cancellationToken);
        return [.. SettingsFile.Names.Where(fileName => stored.Any(file => file.Path == $"{name}/{fileName}"))];
    }

    private static async Task<int> RemoveAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (name, number) = (StoreOptions.ParseModel(parsed.GetRequiredValue(Name)), parsed.GetRequiredValue(RemovedVersion));
        StoreOptions.CheckVersion(number);
        var store = StoreOptions.Open(parsed.GetRequiredValue(StoreOptions.Store));
        var model = await StoredModel.ReadAsync(store, name, cancellationToken);
        var version = StoredVersion.FindIncomplete(store, model, number)
            ?? await StoredVersion.FindAsync(store, name, number, cancellationToken);
        if (version.IsRoot)
        {
            throw new CliException(
                $"{version.Id} is not removed: the folder {version.Id.Name} in {store} has no version folders, and may contain files "
                + "that do not belong to the version. Delete the folder yourself.");
        }

        foreach (var problem in await RemovalCheck.RunAsync(store, model, number, cancellationToken))
            SafeConsole.WriteError($"warning: {problem}");
        if (!parsed.GetValue(Yes) && !Confirmation.Confirm($"Remove {version.Id} from {store}?"))
            return ExitCode.Failed;
        foreach (var file in version.Files)
            await store.DeleteAsync(file.Path, cancellationToken);
        WriteResult(parsed, version.Id, $"{version.Id} is removed from {store}.");
        return ExitCode.Done;
    }

    private static async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var key = await ReadKeyAsync(parsed, cancellationToken);
        var version = await FindAsync(parsed, cancellationToken);
        ThrowIfProblems(await version.VerifyAsync(key, cancellationToken), version.Id, hasKey: key is not null);
        WriteResult(parsed, version.Id,
            $"{version.Id} matches its {(key is null ? "manifest" : "signed statement, and the signature is valid for the key")}.");
        return ExitCode.Done;
    }

    private static void ThrowIfProblems(List<string> problems, ModelId id, bool hasKey)
    {
        if (problems.Count > 0)
        {
            var lists = hasKey ? "manifest or signed statement" : "manifest";
            throw new CliException($"{id} does not match its {lists}: {string.Join(' ', problems)}");
        }
    }

    private static void WriteResult(ParseResult parsed, ModelId id, string text)
    {
        if (!parsed.GetValue(GlobalOptions.Json))
        {
            SafeConsole.WriteText(text);
            return;
        }

        JsonConsole.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, id.Name.Value);
            writer.WriteNumber("version"u8, id.Version);
            writer.WriteEndObject();
        });
    }
}
