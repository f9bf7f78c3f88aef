using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Inference.Models.Settings.Remote;

namespace Inference.Models.Settings;

/// <summary>The settings files of a model, parsed by its store.</summary>
/// <param name="Settings">The settings of the model. <see cref="ThrowIfContradicted"/> must accept them before they are used.</param>
public sealed record ModelConfiguration(ModelSettings Settings)
{
    /// <summary>The configuration of a model without settings files.</summary>
    public static ModelConfiguration Default { get; } = new(ModelSettings.Default);

    /// <summary>The inputs and outputs that the files specify; null when they specify none.</summary>
    public DeclaredTensors? Declared { get; init; }

    /// <summary>The contents of the outputs' label files beside the settings files, by file name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> LabelFiles { get; init; } =
        ReadOnlyDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>The time when the files were signed; null when they are not signed, or when no signature is required.</summary>
    public DateTimeOffset? SignedAt { get; init; }

    /// <summary>The content of <c>model.json</c>; null when there is none.</summary>
    public ReadOnlyMemory<byte>? ModelJson { get; init; }

    /// <summary>The settings file that selects the served versions.</summary>
    public string ServeFile { get; init; } = ModelSettings.FileName;

    /// <summary>The settings file with the labels of versions, the traffic split and the shadow.</summary>
    public string LabelsFile { get; init; } = ModelSettings.FileName;

    /// <summary>The class labels that the version's folder names; empty when it names none.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>The settings in the files that have no effect, each with its reason.</summary>
    public IReadOnlyList<FileProblem> Warnings { get; init; } = [];

    /// <summary>
    /// Compares the settings with the loaded model, and returns the session with the shapes that the settings declare for requests and
    /// responses.
    /// </summary>
    /// <returns>The session itself, or a session that reshapes tensors and owns the given session.</returns>
    /// <exception cref="FileProblemsException">The settings contradict the model. The exception lists every contradiction.</exception>
    public IModelSession Apply(IModelSession session)
    {
        ThrowIfContradicted(session.Signature);
        var reshaped = Declared?.Reshape(session) ?? session;
        if (!ReferenceEquals(reshaped, session)
            && MediaSignatureCheck.FindProblems(Settings, reshaped.Signature).ToList() is { Count: > 0 } problems)
        {
            throw new FileProblemsException(problems);
        }

        return reshaped;
    }

    /// <summary>Throws if the settings contradict the signature of the loaded model.</summary>
    /// <exception cref="FileProblemsException">The settings contradict the signature. The exception lists every contradiction.</exception>
    public void ThrowIfContradicted(ModelSignature signature)
    {
        var problems = Declared is null ? [] : DeclaredTensorsCheck.FindProblems(Declared, signature).ToList();
        if (Settings.Batching.Contract == ContractChoice.Declared && signature.ItemAxis != ItemAxis.Dynamic
            && Declared?.MaxBatchSize is not > 0)
        {
            problems.Add(CreateProblem(
                "$.batching.contract",
                "It is \"declared\", but not every input and output starts with a dynamic dimension (-1), so requests cannot share runs. "
                + "Remove \"contract\"."));
        }

        // Under other contracts, padding is optional. A model that does not allow padding is then served without padding.
        if (Settings.Batching.Contract == ContractChoice.Declared)
        {
            problems.AddRange(
                PaddingCheck.FindProblems(Settings.Batching, signature).Select(problem => CreateProblem("$.batching.padding", problem)));
        }

        problems.AddRange(
            DimensionLimits.FindProblems(Settings.Limits, signature).Select(problem => CreateProblem("$.limits.dimensions", problem)));
        problems.AddRange(MediaSignatureCheck.FindProblems(Settings, signature));
        if (problems.Count > 0)
            throw new FileProblemsException(problems);
    }

    /// <summary>Whether the settings are unsigned or were signed before a time. Always false when the time is null.</summary>
    public bool IsSignedBefore(DateTimeOffset? time) => time is { } limit && !(SignedAt >= limit);

    /// <summary>Describes why a version must not be loaded with settings of this age.</summary>
    /// <param name="required">The time in the version's statement, <see cref="ModelFiles.SettingsSignedAt"/>.</param>
    /// <returns>
    /// Sentences about the version, the first without a capital letter; null when the version may be loaded with these settings.
    /// </returns>
    public string? FindAgeProblem(DateTimeOffset? required)
    {
        if (!IsSignedBefore(required))
            return null;
        var storeSettings = SignedAt is { } time ? $"those of the store were signed at {time:u}" : "the store has no signed settings";
        return $"it was signed with settings of {required:u}, and {storeSettings}. Restore those settings, or sign newer settings.";
    }

    /// <summary>Compares the complete settings for images, texts and the task with the signature of the loaded model.</summary>
    public IReadOnlyList<FileProblem> FindMediaProblems(ModelSignature signature) =>
        [.. MediaSignatureCheck.FindProblems(Settings, signature), .. MediaSignatureCheck.FindTaskProblems(Settings, signature)];

    private static FileProblem CreateProblem(string path, string message) => new(ModelSettings.FileName, 0, 0, path, message);
}
