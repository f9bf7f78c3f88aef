using Azure;
using Cli.Models;
using Cli.Models.Stores;
using Inference;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;
using Inference.Repository;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Cli.Doctor;

/// <summary>Checks the content of a store, and whether the server serves it.</summary>
/// <param name="findings">Receives the findings.</param>
/// <param name="endpoint">The root address of the server, for advice.</param>
internal sealed class StoreChecks(List<DoctorFinding> findings, StoreContent store, Uri endpoint)
{
    /// <param name="listed">The versions that the server lists, as <c>model/version</c>; null when the list could not be read.</param>
    /// <param name="shouldTry">Returns whether to load and run a version, named <c>model/version</c>, on this machine.</param>
    public async Task RunAsync(IReadOnlySet<string>? listed, Func<string, bool> shouldTry, CancellationToken cancellationToken)
    {
        var count = store.Versions.Count;
        var models = Counted.Text(store.ModelCount, "model");
        Add("storage", count > 0 ? FindingSeverity.Ok : FindingSeverity.Warning, count > 0
            ? $"{store.Files} responds, and has {models} with {Counted.Text(count, "version")}."
            : store.ModelCount > 0
            ? $"{store.Files} responds, and has {models} without a version that can be served."
            : $"{store.Files} responds, but has no <model>/<version>/model.onnx.",
            count > 0 ? null : $"Use {store.PushCommand}.");
        AddProblems();
        try
        {
            foreach (var version in store.Versions)
                await CheckAsync(version, listed, shouldTry, cancellationToken);
            foreach (var model in store.Models)
            {
                if (!AddUnreadableSettings(model.Name))
                    await CheckSettingsAsync(model, cancellationToken);
            }
        }
        catch (Exception e) when (StoreReadResult.IsStoreError(e))
        {
            Add("storage", FindingSeverity.Error, $"{store.Files} cannot be used: {StoreOptions.DescribeFailure(e)}",
                "Make its files readable for you: check the permissions of the files, the key or SAS, and the network.");
        }
    }

    /// <summary>
    /// Adds a finding for each entry of the store that a server does not serve. Problems that the server reported are not repeated. An
    /// incomplete version with a manifest or a partial file is reported as an interrupted push.
    /// </summary>
    private void AddProblems()
    {
        foreach (var problem in FindProblems())
        {
            if (problem.Version is { } number && !store.HasDuplicates(problem.Name, number)
                && IsInterrupted(store.FindModel(problem.Name)?.Files ?? [], $"{problem.Name}/{number}/"))
            {
                Add($"{problem.Name}/{number}", FindingSeverity.Warning, "There are files of a push that was interrupted.",
                    $"Run the push again. {store.DescribeRemoval(problem.Name, number, "the files")}");
            }
            else if (!IsReported(problem.Reason))
            {
                var check = problem.Version is { } version ? $"{problem.Name}/{version}" : problem.Name;
                Add(check, FindingSeverity.Error, problem.Reason, problem.Version is { } brokenNumber
                    ? store.DescribeFix(problem.Name, brokenNumber)
                    : $"Correct or remove it in {store.Files}.");
            }
        }
    }

    private List<ListedProblem> FindProblems()
    {
        var problems = new List<ListedProblem>();
        foreach (var model in store.Models)
        {
            problems.AddRange(model.Layout.Problems);
            List<long> takenNumbers = [.. model.Layout.Versions.Select(version => version.Number),
                .. model.Layout.Problems.Select(problem => problem.Version ?? 0)];
            if (store.HasBareFile(model.Name.Value)
                || (takenNumbers.Count == 0 && model.Files.Any(file => file.Path == $"{model.Name}/{SettingsFile.RemoteModelFileName}")))
            {
                takenNumbers.Add(1);
            }

            problems.AddRange(
                ModelLayout.FindMisplaced(
                    model.Name.Value, [.. model.Files.Select(file => file.Path[(model.Name.Value.Length + 1)..])], takenNumbers));
        }

        problems.AddRange(ModelLayout.FindRootProblems(store.StoredFiles.Select(file => file.Path)));
        foreach (var folder in store.EmptyFolders)
        {
            if (!ModelName.TryParse(folder, out var name))
                problems.AddRange(ModelLayout.FindRootProblems([$"{folder}/"]));
            else if (!store.HasBareFile(name.Value))
                problems.Add(ModelLayout.DescribeEmptyFolder(folder));
        }

        return problems;
    }

    /// <summary>Whether a folder has files of a push, but no model file, which a push stores last.</summary>
    private static bool IsInterrupted(IEnumerable<StoredFile> stored, string folder)
    {
        var files = stored.Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal)).ToList();
        return !files.Exists(file => file.Path.EndsWith(OnnxFileName.Extension, StringComparison.OrdinalIgnoreCase))
            && files.Exists(file => file.Path == folder + ModelManifest.FileName
                || file.Path.EndsWith(IModelFiles.PartSuffix, StringComparison.Ordinal));
    }

    private async Task CheckAsync(
        StoredVersion version, IReadOnlySet<string>? listed, Func<string, bool> shouldTry, CancellationToken cancellationToken)
    {
        if (version.Files.Any(file => version.GetName(file) == ModelManifest.FileName))
            await VerifyAsync(version, cancellationToken);
        if (shouldTry($"{version.Id}"))
            await RunTrialAsync(version, cancellationToken);
        // A server does not list a model whose settings it cannot read. AddUnreadableSettings reports such settings.
        if (listed is not null && !listed.Contains(version.Id.ToString()) && FindUnreadableSettings(version.Id.Name).Count == 0)
        {
            Add($"{version.Id} served", FindingSeverity.Warning,
                "The version is in the store, but the server does not list it.",
                "Check that Models__Source is this store, and wait twice as long as Models__ReloadInterval. "
                + "To load it at once: curl -X POST "
                + $"-H \"x-functions-key: $INFERCTL_KEY\" {endpoint.AbsoluteUri.TrimEnd('/')}/v2/repository/models/{version.Id.Name}/load");
        }
    }

    private async Task VerifyAsync(StoredVersion version, CancellationToken cancellationToken)
    {
        var check = $"{version.Id} files";
        try
        {
            var problems = await version.VerifyAsync(publicKeyPem: null, cancellationToken);
            if (problems.Count == 0)
                Add(check, FindingSeverity.Ok, "The files match the manifest.");
            else
                Add(check, FindingSeverity.Error, string.Join(' ', problems), DescribeReplacement(version));
        }
        catch (CliException e)
        {
            Add(check, FindingSeverity.Error, e.Problem, e.Fix ?? DescribeReplacement(version));
        }
    }

    /// <summary>
    /// Checks the files of the version as a push does, and loads the version on this machine. Then runs the version on the warm-up samples
    /// of its settings, or on zeros if there are no samples. A failed run on zeros is not an error, because not every model accepts zeros.
    /// A crash or a hang is an error.
    /// </summary>
    private async Task RunTrialAsync(StoredVersion version, CancellationToken cancellationToken)
    {
        var work = Directory.CreateTempSubdirectory("inferctl-");
        try
        {
            var folder = work.CreateSubdirectory("version").FullName;
            await VersionDownload.RunAsync(version, folder, "trying", isPartOfReport: true, cancellationToken);
            var files = version.Files.Select(version.GetName)
                .Select(name => new VersionFilePath(name, Path.Combine(folder, name), $"{version.Id}/{name}"));
            await SourceFilesCheck.RunAsync([.. files], cancellationToken);
            var settings = store.FindModel(version.Id.Name.Value) is { } model
                ? await model.ReadValidSettingsAsync(store.Files, cancellationToken)
                : [];
            await new ModelCheck(version.Id, folder, version.ModelFile, work.FullName, CheckExtent.TryRun)
                .RunAsync(settings, cancellationToken);
            Add($"{version.Id} trial", FindingSeverity.Ok, "The version loads here, and a run does not crash the process.");
        }
        catch (CliException e) when (FailureReason.IsAboutSettings(e.Problem))
        {
            AddSettingsProblem(version.Id.Name, e.Problem);
        }
        catch (CliException e)
        {
            Add($"{version.Id} trial", FindingSeverity.Error, e.Problem, DescribeReplacement(version));
        }
        catch (RequestFailedException e)
        {
            // The store could be listed, so only this file cannot be read, for example because it is a blob in the archive tier.
            Add($"{version.Id} trial", FindingSeverity.Error, $"A file of {version.Id} cannot be read: {StoreOptions.DescribeFailure(e)}",
                "Make the file readable, and run doctor again.");
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Adds the finding that the settings of a model do not fit a version, unless there is such a finding. The settings can have the same
    /// problem with several versions, and the server may have reported the problem.
    /// </summary>
    private void AddSettingsProblem(ModelName model, string reason)
    {
        var finding = new DoctorFinding(
            $"{model} settings", FindingSeverity.Error, reason, $"Correct the named file of {model} in {store.Files}.");
        var problem = FailureReason.GetSettingsProblem(reason);
        if (!findings.Exists(known => known == finding
            || (known.Check == model.Value && known.Message.ReplaceLineEndings(" ").Contains(problem, StringComparison.Ordinal))))
        {
            findings.Add(finding);
        }
    }

    /// <summary>Says how to replace a version. A push cannot replace a version whose folder is the model's folder.</summary>
    private string DescribeReplacement(StoredVersion version) => version.IsRoot
        ? $"Replace the files of {version.Id.Name} in {store.Files}."
        : $"Push a version that works ({store.GetPushCommand(version.Id.Name)}). "
            + store.DescribeRemoval(version.Id.Name.Value, version.Id.Version, "this version");

    /// <summary>Returns a sentence for each settings file of a model that a server cannot read.</summary>
    private List<string> FindUnreadableSettings(ModelName name) => store.FindModel(name.Value) is { } model
        ? StoredModel.FindUnreadableSettings(store.Files, name, model.Files)
        : [];

    /// <summary>Adds a finding for each settings file of a model that a server cannot read, unless the server reported it.</summary>
    /// <returns>Whether there are such files, reported or not.</returns>
    private bool AddUnreadableSettings(ModelName name)
    {
        var problems = FindUnreadableSettings(name);
        foreach (var problem in problems)
        {
            if (!IsReported(problem))
                Add($"{name} settings", FindingSeverity.Error, problem, "Correct or replace the file.");
        }

        return problems.Count > 0;
    }

    /// <summary>Reads the settings of a model as a server does, and adds their problems.</summary>
    private async Task CheckSettingsAsync(StoredModel model, CancellationToken cancellationToken)
    {
        var name = model.Name;
        var newFindings = new List<DoctorFinding>();
        try
        {
            var settings = await StoredModel.ReadSettingsAsync(store.Files, name, model.Files, cancellationToken);
            if (settings.Count == 0)
                return;
            var configuration = ModelConfigurationReader.Parse(name, settings);
            long[] stored = [.. store.GetVersions(name.Value).Select(version => version.Id.Version)];
            var unusable = model.GetUnusable(stored);
            var versions = configuration.Settings.Versions;
            var served = versions.SelectServed(stored);
            var hasDefault = served.Any(number => versions.IsDefault(number, served));
            newFindings.AddRange(configuration.Warnings.Concat(StoredVersionsCheck.FindNotServed(configuration, stored, unusable))
                .Select(warning => DoctorFinding.ForWarning(name.Value, hasDefault, warning)));
            // The server may have reported the reason with each version.
            if (StoredVersionsCheck.FindNoneServed(name, configuration, stored, unusable) is { } reason
                && !findings.Exists(finding => finding.Message == reason))
            {
                Add($"{name}", FindingSeverity.Error, reason, "Correct the problem.");
            }
        }
        catch (FileProblemsException e)
        {
            newFindings.AddRange(e.Problems.Select(problem => DoctorFinding.ForSettings(name.Value, FindingSeverity.Error, problem)));
        }
        catch (CliException e)
        {
            Add($"{name} settings", FindingSeverity.Error, e.Message, "Correct or replace the file.");
        }

        // Problems that the server already reported are not added again.
        findings.AddRange(newFindings.Where(finding => !findings.Exists(known =>
            known.Severity == finding.Severity && (known.Check == finding.Check || known.Check == name.Value)
                && known.Message.Contains(finding.Message, StringComparison.Ordinal))).ToList());
    }

    /// <summary>Whether a finding already contains a text.</summary>
    private bool IsReported(string text) => findings.Exists(finding => finding.Message.Contains(text, StringComparison.Ordinal));

    private void Add(string check, FindingSeverity severity, string message, string? fix = null) =>
        findings.Add(new DoctorFinding(check, severity, message, fix));
}
