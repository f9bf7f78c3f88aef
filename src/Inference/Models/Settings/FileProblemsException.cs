namespace Inference.Models.Settings;

/// <summary>The error for invalid files that describe a model, with all their problems.</summary>
public sealed class FileProblemsException(IReadOnlyList<FileProblem> problems) : Exception(string.Join('\n', problems))
{
    /// <summary>The problems, at least one, in the order of the files.</summary>
    public IReadOnlyList<FileProblem> Problems { get; } = problems;
}
