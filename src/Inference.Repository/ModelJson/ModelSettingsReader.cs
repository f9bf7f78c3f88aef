using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>
/// Reads <c>model.json</c>: JSON in UTF-8 without comments or trailing commas, at most <see cref="SettingsFile.MaxSize"/> bytes. Unknown,
/// misplaced or contradictory keys are refused, and all problems are reported at once.
/// </summary>
public static class ModelSettingsReader
{
    /// <summary>Reads the content of a <c>model.json</c>.</summary>
    /// <param name="settings">The settings for the groups (the keys of the document) that the file omits.</param>
    /// <exception cref="FileProblemsException">The file cannot be used.</exception>
    public static ModelSettings Read(ReadOnlyMemory<byte> json, ModelSettings settings)
    {
        var problems = new ProblemList(ModelSettings.FileName);
        var read = Read(json, settings, problems);
        return problems.IsEmpty ? read : throw new FileProblemsException(problems.Problems);
    }

    internal static ModelSettings Read(ReadOnlyMemory<byte> json, ModelSettings settings, ProblemList problems)
    {
        if (json.Length > SettingsFile.MaxSize)
        {
            problems.Add(0, 0, "", $"The file has {json.Length} bytes; at most {SettingsFile.MaxSize} are read.");
            return settings;
        }

        if (LocatedJsonReader.Read(json, problems) is not { } root || !ModelJsonKeys.Root.TryRead(root, settings, out var read))
            return settings;
        if (problems.IsEmpty)
        {
            foreach (var (path, message) in Contradictions.Find(read))
                root.FindNearest(path).AddProblem(message);
        }

        return read;
    }
}
