using Inference.Models.Settings;

namespace Inference.Repository;

/// <summary>Collects what is wrong with one file, up to as much as anyone reads.</summary>
internal sealed class ProblemList(string file)
{
    public const int Limit = 100;

    private readonly List<FileProblem> _problems = [];

    /// <summary>In the order of the file; those without a line are last.</summary>
    public IReadOnlyList<FileProblem> Problems =>
        [.. _problems.OrderBy(problem => (uint)(problem.Line - 1)).ThenBy(problem => problem.Column)];

    public bool IsEmpty => _problems.Count == 0;

    /// <summary>Whether further problems are only counted as one that says that there are more.</summary>
    public bool IsFull => _problems.Count >= Limit;

    public void Add(int line, int column, string path, string message)
    {
        if (_problems.Count < Limit)
            _problems.Add(new FileProblem(file, line, column, path, message));
        else if (_problems.Count == Limit)
            _problems.Add(new FileProblem(file, 0, 0, "", $"There is more than these {Limit}."));
    }
}
