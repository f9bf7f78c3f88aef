using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;
using Inference.Repository.Triton;
using Inference.Repository.Trust;

namespace Inference.Repository;

/// <summary>
/// Parses the settings files of a model: <c>model.json</c>, <c>config.pbtxt</c>, or both. A group in <c>model.json</c>, such as
/// <c>batching</c>, replaces all settings of this group in <c>config.pbtxt</c>. The kind of model and the tensors in <c>config.pbtxt</c>
/// are always checked. Labels, traffic and shadow may come from <c>versions.json</c> instead.
/// </summary>
public static class ModelConfigurationReader
{
    /// <summary>Verifies the settings files of a model according to the trust policy, and parses them.</summary>
    /// <param name="files">The settings files of the model. Without any, the result is <see cref="ModelConfiguration.Default"/>.</param>
    /// <param name="trust">Decides whether the files must be signed, and which versions are too old.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>, <see cref="InferenceException.LastsUntilFilesChange"/>: the files cannot be used.
    /// </exception>
    public static ModelConfiguration Read(ModelName name, IReadOnlyCollection<SettingsFile> files, TrustPolicy trust)
    {
        var isVerified = false;
        try
        {
            var signedAt = trust.VerifySettings(name, files);
            isVerified = true;
            return Parse(name, files, trust.MinimumVersions.GetValueOrDefault(name, 1)) with { SignedAt = signedAt };
        }
        catch (FileProblemsException e)
        {
            throw new InferenceException(InferenceError.ModelUnavailable, $"The settings of model {name} cannot be used. {e.Message}", e)
            {
                LastsUntilFilesChange = true,
                Cause = FailureCause.Settings,
                IsTrustFailure = !isVerified,
            };
        }
    }

    /// <summary>
    /// Returns the label files that the settings specify and that the store reads from the folder of the settings. The result is empty if
    /// versions or settings must be verified, because no signature covers these files. The manifest of a version covers only a label file
    /// beside the model file.
    /// </summary>
    public static IEnumerable<string> GetLabelFileNames(ModelConfiguration configuration, TrustPolicy trust) =>
        trust.IsStrict ? [] : (configuration.Declared?.Outputs ?? []).Select(output => output.LabelFile).OfType<string>().Distinct();

    /// <summary>Parses the settings files without verifying signatures, for a caller that reports the problems one by one.</summary>
    /// <param name="minimum">The lowest version that the files may serve.</param>
    /// <exception cref="FileProblemsException">The files cannot be used. The exception contains all problems of all files.</exception>
    public static ModelConfiguration Parse(ModelName name, IReadOnlyCollection<SettingsFile> files, long minimum = 1)
    {
        if (files.Count == 0)
            return ModelConfiguration.Default;
        var tritonProblems = new ProblemList(TritonConfig.FileName);
        var triton = Find(TritonConfig.FileName) is { } pbtxt ? TritonConfigReader.Read(pbtxt.Content.Span, name, tritonProblems) : null;

        var jsonProblems = new ProblemList(ModelSettings.FileName);
        var settings = triton?.Settings ?? ModelSettings.Default;
        if (Find(ModelSettings.FileName) is { } json)
            settings = ModelSettingsReader.Read(json.Content, settings, jsonProblems);

        var versionProblems = new ProblemList(VersionsFile.Name);
        if (minimum > settings.Versions.Minimum)
            settings = settings with { Versions = settings.Versions with { Minimum = minimum } };
        if (jsonProblems.IsEmpty && Find(VersionsFile.Name) is { } versions)
            settings = settings with { Versions = VersionsFile.Read(versions.Content, settings.Versions, versionProblems) };

        if (!tritonProblems.IsEmpty || !jsonProblems.IsEmpty || !versionProblems.IsEmpty)
            throw new FileProblemsException([.. jsonProblems.Problems, .. versionProblems.Problems, .. tritonProblems.Problems]);
        var jsonWarnings = ReferenceEquals(settings.Batching, triton?.Settings.Batching) ? [] : FindIneffectiveKeys(settings.Batching);
        return new ModelConfiguration(settings)
        {
            Declared = triton?.Tensors,
            ModelJson = Find(ModelSettings.FileName)?.Content,
            ServeFile = ReferenceEquals(settings.Versions.Serve, triton?.Settings.Versions.Serve)
                ? TritonConfig.FileName
                : ModelSettings.FileName,
            LabelsFile = Find(VersionsFile.Name) is null ? ModelSettings.FileName : VersionsFile.Name,
            Warnings = [.. triton?.Warnings ?? [], .. jsonWarnings],
        };

        SettingsFile? Find(string file) => files.FirstOrDefault(candidate => candidate.Name == file);
    }

    /// <summary>Finds keys of <c>model.json</c> for batching that have no effect, because of the contract in the same file.</summary>
    private static IEnumerable<FileProblem> FindIneffectiveKeys(BatchingSettings batching)
    {
        if (batching.Contract != ContractChoice.None)
            yield break;
        if (batching.MaxBatch is not null)
            yield return CreateIgnoredProblem("maxBatch");
        if (!batching.PreferredSizes.IsEmpty)
            yield return CreateIgnoredProblem("preferredSizes");
        if (batching.MaxDelay > TimeSpan.Zero)
            yield return CreateIgnoredProblem("maxDelay");
        if (!batching.Padding.IsEmpty)
            yield return CreateIgnoredProblem("padding");

        static FileProblem CreateIgnoredProblem(string key) => new(
            ModelSettings.FileName, 0, 0, $"$.batching.{key}",
            "Ignored: every request runs as it was sent. Write \"contract\": \"declared\" if the result of an item never depends on the "
            + "other items of its run.");
    }

    /// <summary>
    /// Returns the name of the model file in a model's settings; null when the settings specify no file or cannot be used.
    /// </summary>
    public static string? ReadFileName(ModelName name, IReadOnlyCollection<SettingsFile> files)
    {
        if (!files.Any(file => file.Name is ModelSettings.FileName or TritonConfig.FileName))
            return null;
        try
        {
            return Parse(name, files).Settings.File;
        }
        catch (FileProblemsException)
        {
            // The load of the model reports the problems.
            return null;
        }
    }
}
