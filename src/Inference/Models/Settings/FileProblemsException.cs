namespace Inference.Models.Settings;

/// <summary>Files that describe a model cannot be used, with everything that is wrong with them.</summary>
public sealed class FileProblemsException(IReadOnlyList<FileProblem> problems) : Exception(string.Join('\n', problems))
{
    /// <summary>At least one, in the order of the files.</summary>
    public IReadOnlyList<FileProblem> Problems { get; } = problems;
}
