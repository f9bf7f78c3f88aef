using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Inference.Models.Settings.Remote;

namespace Inference.Models.Settings;

/// <summary>The settings files of a model, parsed by its store.</summary>
/// <param name="Settings">The settings to serve the model with, once they have passed <see cref="ThrowIfContradicted"/>.</param>
public sealed record ModelConfiguration(ModelSettings Settings)
{
    /// <summary>A model without settings files.</summary>
    public static ModelConfiguration Default { get; } = new(ModelSettings.Default);

    /// <summary>The inputs and outputs that the files name; null when they name none.</summary>
    public DeclaredTensors? Declared { get; init; }

    /// <summary>The label files of outputs that lie beside the settings files, by name.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> LabelFiles { get; init; } =
        ReadOnlyDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>When the files were signed; null when they are not, or when their signature is not required.</summary>
    public DateTimeOffset? SignedAt { get; init; }

    /// <summary>The content of <c>model.json</c>; null when there is none.</summary>
    public ReadOnlyMemory<byte>? ModelJson { get; init; }

    /// <summary>The class labels that the version's folder names; empty when it names none.</summary>
    public ImmutableArray<string> Labels { get; init; } = [];

    /// <summary>The settings in the files that have no effect, each with its reason.</summary>
    public IReadOnlyList<FileProblem> Warnings { get; init; } = [];

    /// <summary>
    /// Compares the settings with the loaded model, and gives its requests and responses the shapes that the settings name.
    /// </summary>
    /// <exception cref="FileProblemsException">They contradict each other; with every contradiction.</exception>
    internal IModelSession Apply(IModelSession session)
    {
        ThrowIfContradicted(session.Signature);
        var reshaped = Declared?.Reshape(session) ?? session;
        if (!ReferenceEquals(reshaped, session)
            && MediaSignatureCheck.Find(Settings, reshaped.Signature).ToList() is { Count: > 0 } problems)
        {
            throw new FileProblemsException(problems);
        }

        return reshaped;
    }

    /// <summary>Compares the settings with the signature of the loaded model.</summary>
    /// <exception cref="FileProblemsException">They contradict each other; with every contradiction.</exception>
    public void ThrowIfContradicted(ModelSignature signature)
    {
        var problems = Declared is null ? [] : DeclaredTensorsCheck.Find(Declared, signature).ToList();
        if (Settings.Batching.Contract == ContractChoice.Declared && signature.ItemAxis != ItemAxis.Dynamic
            && Declared?.MaxBatchSize is not > 0)
        {
            problems.Add(Problem(
                "$.batching.contract",
                "It is \"declared\", but not every input and output starts with a dynamic dimension (-1), so requests cannot share runs. "
                + "Leave contract out."));
        }

        // Otherwise a model is not refused for it, because padding is then only a permission.
        if (Settings.Batching.Contract == ContractChoice.Declared)
            problems.AddRange(PaddingCheck.Find(Settings.Batching, signature).Select(problem => Problem("$.batching.padding", problem)));
        problems.AddRange(DimensionLimits.Find(Settings.Limits, signature).Select(problem => Problem("$.limits.dimensions", problem)));
        problems.AddRange(MediaSignatureCheck.Find(Settings, signature));
        if (problems.Count > 0)
            throw new FileProblemsException(problems);
    }

    /// <summary>Compares the complete settings about images, texts and the task with the signature of the loaded model.</summary>
    public IReadOnlyList<FileProblem> FindMediaProblems(ModelSignature signature) =>
        [.. MediaSignatureCheck.Find(Settings, signature), .. MediaSignatureCheck.FindOfTask(Settings, signature)];

    private static FileProblem Problem(string path, string message) => new(ModelSettings.FileName, 0, 0, path, message);
}
