using Inference.Batching;
using Inference.Models.Settings.Triton;

namespace Inference.Models.Settings;

/// <summary>
/// What the files beside a model's versions say of it: <c>model.json</c>, <c>config.pbtxt</c>, or both. Of both, a group that
/// <c>model.json</c> has replaces that group whole; what <c>config.pbtxt</c> says of the kind of model and its tensors is always checked.
/// </summary>
/// <param name="Triton">Null without a <c>config.pbtxt</c>.</param>
public sealed record ModelConfiguration(ModelSettings Settings, TritonConfig? Triton)
{
    /// <summary>What is in the files and has no effect.</summary>
    public IReadOnlyList<FileProblem> Warnings => [.. Triton?.Warnings ?? [], .. WithoutContract()];

    /// <param name="modelJson">Null when there is no such file.</param>
    /// <param name="configPbtxt">Null when there is no such file.</param>
    /// <exception cref="FileProblemsException">The files cannot be used; all that is wrong with both.</exception>
    public static ModelConfiguration Read(ModelName name, byte[]? modelJson, byte[]? configPbtxt)
    {
        var tritonProblems = new ProblemList(TritonConfig.FileName);
        var triton = configPbtxt is null ? null : TritonConfigReader.Read(configPbtxt, name, tritonProblems);

        var jsonProblems = new ProblemList(ModelSettingsReader.FileName);
        var settings = triton?.Settings ?? ModelSettings.Default;
        if (modelJson is not null)
            settings = ModelSettingsReader.Read(modelJson, settings, jsonProblems);

        return tritonProblems.IsEmpty && jsonProblems.IsEmpty
            ? new ModelConfiguration(settings, triton)
            : throw new FileProblemsException([.. jsonProblems.Problems, .. tritonProblems.Problems]);
    }

    /// <summary>Holds what the files say against the loaded model.</summary>
    /// <exception cref="FileProblemsException">They contradict each other; all of it.</exception>
    public void Check(ModelSignature signature)
    {
        var problems = Triton is null ? [] : TritonSignatureCheck.Find(Triton, signature).ToList();
        if (Settings.Batching.Contract == ContractChoice.Declared && signature.ItemAxis != ItemAxis.Dynamic && Triton?.MaxBatchSize is not > 0)
        {
            problems.Add(new FileProblem(
                ModelSettingsReader.FileName, 0, 0, "$.batching.contract",
                "It is \"declared\", but not every input and output starts with a dynamic dimension (-1), so requests cannot share runs. "
                + "Leave contract out."));
        }

        problems.AddRange(Padding.Problems(Settings.Batching, signature).Select(problem => new FileProblem(ModelSettingsReader.FileName, 0, 0, "$.batching.padding", problem)));
        problems.AddRange(MediaSignatureCheck.Find(Settings, signature));
        if (problems.Count > 0)
            throw new FileProblemsException(problems);
    }

    /// <summary>Keys of <c>model.json</c> that say how requests share runs, where nobody vouches that they may.</summary>
    private IEnumerable<FileProblem> WithoutContract()
    {
        var batching = Settings.Batching;
        if (batching.Contract == ContractChoice.Declared || ReferenceEquals(batching, Triton?.Settings.Batching))
            return [];
        List<string> keys = [];
        if (batching.MaxBatch is not null)
            keys.Add("maxBatch");
        if (!batching.PreferredSizes.IsEmpty)
            keys.Add("preferredSizes");
        if (batching.MaxDelay > TimeSpan.Zero)
            keys.Add("maxDelay");
        if (!batching.Padding.IsEmpty)
            keys.Add("padding");
        return keys.Select(key => new FileProblem(
            ModelSettingsReader.FileName, 0, 0, $"$.batching.{key}",
            "Ignored: every request runs as it was sent. "
            + "Write \"contract\": \"declared\" if the answer for an item never depends on the other items of its run."));
    }
}
