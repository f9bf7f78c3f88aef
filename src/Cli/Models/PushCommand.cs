using System.CommandLine;
using System.Text;
using Cli.Models.Stores;
using Cli.Output;
using Cli.Predict;
using Cli.Server;
using Inference;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>
/// <c>models push</c>: checks a version of a model on this machine, and copies it to a store. The model file is copied last. A server
/// serves a version only when its model file exists, so no server sees an incomplete version. To continue an interrupted push, the user
/// repeats the command.
/// </summary>
internal sealed class PushCommand(IModelFiles store, StoredModel model, ModelId id, VersionSource source, SourceSettings settings)
{
    private static readonly Argument<string> Source =
        new("source")
        {
            Description = "A folder with a model file and its other files, a single model file, or a repository in Hugging Face's cache",
        };
    private static readonly Argument<string> Name = new("name") { Description = "The model's name in the store" };
    private static readonly Option<long?> Version =
        new("--version") { Description = "The version's number (default: the next free number)" };
    private static readonly Option<string?> Variant = new("--variant")
    {
        Description = "The model file of a Hugging Face folder: fp32, fp16, quantized, or the name of the file",
        HelpName = "fp32|fp16|quantized",
    };

    private static readonly Option<string?> Labels =
        new("--labels") { Description = "A file with one class label per line, which becomes the version's labels.txt", HelpName = "path" };
    private static readonly Option<string?> Sample = new("--sample")
    {
        Description = "The request for the trial run: JSON, or the path of a JSON file (default: inputs of zeros)",
        HelpName = "json|path",
    };

    private static readonly Option<string[]> Shapes = new("--shape")
    {
        Description = "The shape of an input in the trial run (default: the smallest one); repeat the option for each input",
        HelpName = "input=1,3,224,224",
    };

    private static readonly Option<bool> LoadOnly = new("--load-only") { Description = "Do not run the model here, only load it" };
    private static readonly Option<bool> CreateStore = new("--create") { Description = "Create the folder or container if there is none" };
    private static readonly Option<bool> Load =
        new("--load") { Description = "Load the version on the server of --endpoint after the push; needs the admin key" };

    public static Command Create()
    {
        var command = new Command("push", "Try a model here and put it into a store as a new version") { Source, Name, Version,
            StoreOptions.Store, CreateStore, Variant, Labels, Sample, Shapes, LoadOnly, Load };
        Completion.Offer(Variant, ModelVariant.Full, ModelVariant.Half, ModelVariant.Quantized);
        Completion.OfferStored(Name);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = StoreOptions.ParseModel(parsed.GetRequiredValue(Name));
        var store = StoreOptions.Open(parsed.GetRequiredValue(StoreOptions.Store));
        var requestedNumber = StoreOptions.CheckVersion(parsed.GetValue(Version));
        var work = Directory.CreateTempSubdirectory("inferctl-");
        try
        {
            var existing = await ReadExistingAsync(parsed, store, name, cancellationToken);
            var model = existing ?? StoredModel.CreateEmpty(name);
            var storedSettings = await StoredModel.ReadSettingsAsync(store, name, model.Files, cancellationToken);
            ThrowIfSettingsUnusable(model, store, storedSettings);
            var folder = VersionSource.FindFolder(parsed.GetRequiredValue(Source), work.FullName);
            SourceFilesCheck.ThrowIfFolders(folder);
            var settings = await SourceSettings.ReadAsync(name, folder, store, storedSettings, cancellationToken);
            var choice = CreateChoice(parsed, name, storedSettings, settings);
            var source = await VersionSource.ReadAsync(parsed.GetRequiredValue(Source), folder, choice, work.FullName, cancellationToken);
            var number = existing is null
                ? requestedNumber ?? RootVersion.Number
                : await ChooseNumberAsync(store, existing, requestedNumber, cancellationToken);
            var id = new ModelId(name, number);
            await ThrowIfSignedForAnotherAsync(source, id, cancellationToken);
            var versionCheck = await NewVersionCheck.RunAsync(id, settings, store, existing, cancellationToken);
            await SourceFilesCheck.RunAsync(source.Paths, cancellationToken);
            var findings = await CreateCheck(parsed, id, source, choice, work.FullName).RunAsync(settings.All, cancellationToken);
            // The store is created after all checks, so that a refused push changes nothing.
            if (parsed.GetValue(CreateStore))
                await store.CreateAsync(cancellationToken);
            var isNew = await new PushCommand(store, model, id, source, settings).PushAsync(cancellationToken);
            if (parsed.GetValue(Load))
                await LoadAsync(parsed, name, cancellationToken);
            new PushReport(id, $"{store}", isNew, versionCheck, findings).Write(parsed.GetValue(GlobalOptions.Json), parsed.GetValue(Load));
            return ExitCode.Done;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    private static SourceChoice CreateChoice(
        ParseResult parsed, ModelName name, IReadOnlyCollection<SettingsFile> storedSettings, SourceSettings settings)
    {
        var file = ModelConfigurationReader.ReadFileName(name, settings.All);
        var location = file == ModelConfigurationReader.ReadFileName(name, storedSettings) ? "the store" : "the folder";
        var labelsPath = CommandFile.EnsureExistsIfGiven(parsed.GetValue(Labels), Labels.Name);
        return new SourceChoice(file, location, parsed.GetValue(Variant), labelsPath);
    }

    /// <returns>The model in the store; null when there is no folder or container yet, and <c>--create</c> creates it.</returns>
    /// <exception cref="CliException">There is no folder or container, and <c>--create</c> is not given.</exception>
    private static async Task<StoredModel?> ReadExistingAsync(
        ParseResult parsed, IModelFiles store, ModelName name, CancellationToken cancellationToken)
    {
        var model = await StoredModel.TryReadAsync(store, name, cancellationToken);
        return model is not null || parsed.GetValue(CreateStore)
            ? model
            : throw new CliException(
                $"There is no {(store.IsMissingFolder ? "folder" : "container")} {store}. Check --store, or create it with --create.");
    }

    private static void ThrowIfSettingsUnusable(StoredModel model, IModelFiles store, IReadOnlyList<SettingsFile> settings)
    {
        var problem = StoredModel.FindUnreadableSettings(store, model.Name, model.Files) is { Count: > 0 } unreadable
            ? string.Join(' ', unreadable)
            : SourceFilesCheck.Describe(SourceFilesCheck.FindProblems(model.Name, settings));
        if (problem.Length > 0)
            throw new CliException($"The settings of {model.Name} in {store} cannot be used. {problem} Correct them, and push again.");
    }

    /// <summary>Returns the number of the new version.</summary>
    /// <param name="requestedNumber">The number on the command line; null for the next free one.</param>
    /// <exception cref="CliException">
    /// The model has a version 1 without a version folder, which the new version would hide or replace. Also thrown when the model has a
    /// version with the highest possible number.
    /// </exception>
    private static async Task<long> ChooseNumberAsync(
        IModelFiles store, StoredModel model, long? requestedNumber, CancellationToken cancellationToken)
    {
        if (model.Layout.Versions.Any(version => version.IsRoot))
        {
            throw new CliException(
                $"\"{model.Name}/\" in {store} has no version folders: its files are version 1, and a version folder would hide them. "
                + $"Move them to \"{model.Name}/1/\", or choose another name. Then push again.");
        }

        var highest = model.Layout.Versions is [.., var last] ? last.Number : 0;
        if ((requestedNumber == RootVersion.Number || highest == 0)
            && StoredVersion.FindBare(store, model.Name, await store.ListAsync("", cancellationToken)) is not null)
        {
            highest = RootVersion.Number;
            if (requestedNumber == RootVersion.Number)
            {
                throw new CliException(
                    $"\"{model.Name}{OnnxFileName.Extension}\" in {store} is version 1 of {model.Name}. Leave out --version for the next "
                    + "number.");
            }
        }

        return requestedNumber ?? (highest < long.MaxValue ? highest + 1 : throw new CliException(
            $"\"{model.Name}\" in {store} has version {highest}, the highest number. Choose a free one with --version."));
    }

    private static ModelCheck CreateCheck(ParseResult parsed, ModelId id, VersionSource source, SourceChoice choice, string workFolder)
    {
        var (loadOnly, sample, shapes) = (parsed.GetValue(LoadOnly), parsed.GetValue(Sample), parsed.GetValue(Shapes) ?? []);
        if ((loadOnly ? 1 : 0) + (sample is null ? 0 : 1) + (shapes.Length == 0 ? 0 : 1) > 1)
            throw CliException.CreateUsageError("--load-only, --sample and --shape exclude each other. Use one of them.");
        return new ModelCheck(id, source.Folder, source.ModelFile, workFolder, loadOnly ? CheckExtent.LoadOnly : CheckExtent.Run)
        {
            SamplePath = sample is null ? null : WriteSample(sample, workFolder),
            LabelsPath = choice.LabelsPath,
            Shapes = [.. shapes],
        };
    }

    /// <summary>Writes the request of <c>--sample</c> to a file.</summary>
    /// <param name="sample">JSON, or the path of a JSON file.</param>
    /// <returns>The path of the written file.</returns>
    private static string WriteSample(string sample, string workFolder)
    {
        var json = sample.AsSpan().TrimStart() is ['{' or '[' or '"', ..]
            ? Encoding.UTF8.GetBytes(sample)
            : ByteOrderMark.Skip(new ReadOnlyMemory<byte>(File.ReadAllBytes(CommandFile.EnsureExists(sample, Sample.Name)))).ToArray();
        var path = Path.Combine(workFolder, "sample.json");
        File.WriteAllBytes(path, PredictInput.ToRequest(json, Sample.Name));
        return path;
    }

    /// <summary>Throws when the version was signed for another model or number. A server with a public key would refuse it.</summary>
    private static async Task ThrowIfSignedForAnotherAsync(VersionSource source, ModelId id, CancellationToken cancellationToken)
    {
        if (source.Files.FirstOrDefault(file => file.Name == SignedStatement.VersionFileName) is not { } bundle)
            return;
        var subject = StatementBundle.ReadSubject(await File.ReadAllBytesAsync(bundle.File.FullName, cancellationToken));
        if (subject is null)
        {
            throw CliException.CreateUsageError(
                $"{bundle.File.FullName} is not a signed statement. Sign the folder again, or delete the file.");
        }

        if (subject != $"{id}")
        {
            throw CliException.CreateUsageError(
                $"{bundle.File.FullName} was signed for {ProblemText.Quote(subject)}, not for \"{id}\". Sign it again, or choose the "
                + "version with --version.");
        }
    }

    /// <returns>False when the store already contained the version.</returns>
    private async Task<bool> PushAsync(CancellationToken cancellationToken)
    {
        var existing = model.Layout.Versions.FirstOrDefault(version => version.Number == id.Version);
        var folder = $"{id.Name}/{existing?.Folder ?? $"{id.Version}"}/";
        var stored = await store.ListAsync(folder, cancellationToken);
        if (existing is not null || stored.Any(file => file.Path == folder + source.ModelFile))
        {
            await ThrowIfDifferentAsync(stored, folder, cancellationToken);
            await settings.StoreAsync(store, id.Name, cancellationToken);
            settings.WriteNotes(id.Name);
            return false;
        }

        // Files of an abandoned push are not in the manifest, and a server that checks the manifest would refuse them. So they are deleted.
        var pushedPaths = source.Files.SelectMany(file => (string[])[folder + file.Name, folder + file.Name + IModelFiles.PartSuffix])
            .ToHashSet(StringComparer.Ordinal);
        foreach (var file in stored.Where(file => !pushedPaths.Contains(file.Path)))
            await store.DeleteAsync(file.Path, cancellationToken);
        source.WriteNotes();
        await CopyAsync(folder, cancellationToken);
        settings.WriteNotes(id.Name);
        return true;
    }

    private async Task CopyAsync(string folder, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine($"pushing {id}", source.Files.Sum(file => file.File.Length), ProgressLine.ByteUnit);
        foreach (var file in source.Files)
        {
            Func<Task>? beforeVisible = file.Name == source.ModelFile ? () => settings.StoreAsync(store, id.Name, cancellationToken) : null;
            await store.WriteAsync(folder + file.Name, file.File, file.Sha256, progress, beforeVisible, cancellationToken);
        }

        if (progress.Skipped > 0)
            SafeConsole.WriteError($"{Sizes.Format(progress.Skipped)} were already sent by an interrupted push.");
    }

    /// <summary>
    /// Throws when the stored version differs from the source. A version never changes under its number, so that every request for the
    /// version runs the same model.
    /// </summary>
    private async Task ThrowIfDifferentAsync(IReadOnlyList<StoredFile> stored, string folder, CancellationToken cancellationToken)
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
            $"{store} already has version {id.Version} of {id.Name}, but not with the same {ModelManifest.FileName}. A stored version "
            + "cannot be changed. Leave out --version for the next number.");
    }

    private static async Task LoadAsync(ParseResult parsed, ModelName name, CancellationToken cancellationToken)
    {
        using var server = GlobalOptions.Connect(parsed);
        try
        {
            await server.SendEmptyAsync(
                new HttpRequestMessage(HttpMethod.Post, $"v2/repository/models/{name}/load") { Content = ServerClient.JsonContent("{}") },
                cancellationToken);
        }
        catch (CliException e)
        {
            throw new CliException($"The version is in the store, but {server.Endpoint} did not load it. {e.Message}", cause: e);
        }
    }
}
