using Inference.Models.Settings;

namespace Inference.Repository;

/// <summary>Collects the problems of one file, up to a maximum: a person reads no more.</summary>
internal sealed class ProblemList(string file)
{
    public const int MaxProblems = 100;

    private readonly List<FileProblem> _problems = [];

    /// <summary>The problems in the order of the file. Problems without a line are last.</summary>
    public IReadOnlyList<FileProblem> Problems =>
        [.. _problems.OrderBy(problem => (uint)(problem.Line - 1)).ThenBy(problem => problem.Column)];

    public bool IsEmpty => _problems.Count == 0;

    /// <summary>Whether the list is full. All further problems are then reported as a single problem.</summary>
    public bool IsFull => _problems.Count >= MaxProblems;

    public void Add(int line, int column, string path, string message)
    {
        if (_problems.Count < MaxProblems)
            _problems.Add(new FileProblem(file, line, column, path, message));
        else if (_problems.Count == MaxProblems)
            _problems.Add(new FileProblem(file, 0, 0, "", $"There are more problems. Only the first {MaxProblems} are listed."));
    }
}
