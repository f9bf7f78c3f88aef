using System.CommandLine;
using Cli.Models.Stores;
using Cli.Output;
using Cli.Server;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Trust;

namespace Cli.Models;

/// <c>models push</c>: checks a version on this machine and copies it to the store. The model file is copied last, so that the version
/// appears as a whole. The same command continues an interrupted push.
internal sealed class PushCommand(IModelFiles store, StoredModel model, ModelId id, VersionSource source)
{
    private static readonly Argument<string> Source =
        new("source") { Description = "A folder with model.onnx (or one other model file) and what belongs to it, or a model file" };
    private static readonly Argument<string> Name = new("name") { Description = "The model's name in the store" };
    private static readonly Option<long?> Version =
        new("--version") { Description = "The version's number; without one the next that is free" };
    private static readonly Option<bool> LoadOnly = new("--load-only") { Description = "Do not run the model here, only load it" };
    private static readonly Option<bool> Load =
        new("--load") { Description = "Then make the server of --endpoint load it at once; needs the admin key" };

    public static Command Create()
    {
        var command = new Command("push", "Try a model here and put it into a store as a new version") { Source, Name, Version,
            StoreOptions.Store, LoadOnly, Load };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = ModelName.Parse(parsed.GetRequiredValue(Name));
        var store = StoreOptions.Open(parsed.GetRequiredValue(StoreOptions.Store));
        if (parsed.GetValue(Version) is < 1)
            throw CliException.Usage("--version is 1 or more.");
        var work = Directory.CreateTempSubdirectory("inferctl-");
        try
        {
            var model = await StoredModel.ReadAsync(store, name, cancellationToken);
            var named = await StoredModel.ReadFileNameAsync(store, name, model.Files, cancellationToken);
            var source = await VersionSource.ReadAsync(parsed.GetRequiredValue(Source), named, work.FullName, cancellationToken);
            var number = parsed.GetValue(Version) ?? (model.Layout.Versions is [.., var last] ? last.Number : 0) + 1;
            var id = new ModelId(name, number);
            await ThrowIfSignedForAnotherAsync(source, id, cancellationToken);
            var extent = parsed.GetValue(LoadOnly) ? CheckExtent.LoadOnly : CheckExtent.Run;
            await ModelCheck.RunAsync(id, source.ModelPath, Path.Combine(work.FullName, "cache"), extent, cancellationToken);
            var isNew = await new PushCommand(store, model, id, source).PushAsync(cancellationToken);
            if (parsed.GetValue(Load))
                await LoadAsync(parsed, name, cancellationToken);
            Tell(parsed, store, id, isNew);
            return ExitCode.Done;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Throws when the version was signed for another model or number, because a server with a public key would refuse it.
    /// </summary>
    private static async Task ThrowIfSignedForAnotherAsync(VersionSource source, ModelId id, CancellationToken cancellationToken)
    {
        if (source.Files.FirstOrDefault(file => file.Name == SignedStatement.VersionFileName) is not { } bundle)
            return;
        var subject = StatementBundle.ReadSubject(await File.ReadAllBytesAsync(bundle.File.FullName, cancellationToken));
        if (subject != $"{id}")
        {
            throw new CliException(
                $"{bundle.File.FullName} was signed for {Wording.Quote(subject ?? "")}, not for \"{id}\". Sign it again, or choose the "
                + "version with --version.");
        }
    }

    /// <returns>False when the store already contained the version.</returns>
    private async Task<bool> PushAsync(CancellationToken cancellationToken)
    {
        var laid = model.Layout.Versions.FirstOrDefault(version => version.Number == id.Version);
        var folder = $"{id.Name}/{laid?.Folder ?? $"{id.Version}"}/";
        var stored = await store.ListAsync(folder, cancellationToken);
        if (laid is not null || stored.Any(file => file.Path == folder + source.ModelFile))
        {
            await CheckSameAsync(stored, folder, cancellationToken);
            return false;
        }

        // Deletes files of an abandoned push. With them, the version would not match its manifest.
        var own = source.Files.SelectMany(file => (string[])[folder + file.Name, folder + file.Name + IModelFiles.PartSuffix])
            .ToHashSet(StringComparer.Ordinal);
        foreach (var file in stored.Where(file => !own.Contains(file.Path)))
            await store.DeleteAsync(file.Path, cancellationToken);
        using var progress = new ProgressLine($"pushing {id}", source.Files.Sum(file => file.File.Length), ProgressLine.ByteUnit);
        foreach (var file in source.Files)
            await store.WriteAsync(folder + file.Name, file.File, file.Sha256, progress, cancellationToken);
        if (progress.Skipped > 0)
            Console.Error.WriteLine($"inferctl: {Sizes.Text(progress.Skipped)} of an interrupted push were there and were not sent again.");
        return true;
    }

    /// <summary>
    /// Throws when the stored version differs. A version never changes under its number, so that every request for it gets the same model.
    /// </summary>
    private async Task CheckSameAsync(IReadOnlyList<StoredFile> stored, string folder, CancellationToken cancellationToken)
    {
        if (stored.Any(file => file.Path == folder + ModelManifest.FileName))
        {
            using var manifest = new MemoryStream();
            await using var content = await store.OpenReadAsync(folder + ModelManifest.FileName, cancellationToken);
            await content.CopyToAsync(manifest, cancellationToken);
            if (manifest.ToArray().AsSpan().SequenceEqual(source.Manifest))
                return;
        }

        throw new CliException(
            $"Version {id.Version} of {id.Name} is in {store} with other files, and versions are not changed. Leave out --version for the "
            + "next number.");
    }

    private static async Task LoadAsync(ParseResult parsed, ModelName name, CancellationToken cancellationToken)
    {
        using var server = GlobalOptions.Connect(parsed);
        using var request =
            new HttpRequestMessage(HttpMethod.Post, $"v2/repository/models/{name}/load") { Content = ServerClient.JsonContent("{}") };
        using var response = await server.SendRawAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new CliException(
                $"It is in the store, but {server.Endpoint} did not load "
                + $"it: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    private static void Tell(ParseResult parsed, IModelFiles store, ModelId id, bool isNew)
    {
        if (parsed.GetValue(GlobalOptions.Json))
        {
            JsonOutput.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("model"u8, id.Name.Value);
                writer.WriteNumber("version"u8, id.Version);
                writer.WriteString("store"u8, store.ToString());
                writer.WriteBoolean("pushed"u8, isNew);
                writer.WriteEndObject();
            });
            return;
        }

        Console.Out.WriteLine(!isNew ? $"{id} is in {store} already, with the same files."
            : parsed.GetValue(Load) ? $"{id} is in {store}, and served."
            : $"{id} is in {store}. Servers take it when they have seen it twice (Models__ReloadInterval), or at once with --load.");
    }
}
