namespace Inference.Models.Settings;

/// <summary>An error in a file that describes a model, with its position.</summary>
/// <param name="File">Its name, such as <c>model.json</c>.</param>
/// <param name="Line">From 1; 0 when no line is to blame.</param>
/// <param name="Column">In bytes, from 1; 0 when no line is to blame.</param>
/// <param name="Path">The value's place, such as <c>$.batching.maxBatch</c>; empty when none is to blame.</param>
/// <param name="Message">The faulty and the expected content.</param>
public sealed record FileProblem(string File, int Line, int Column, string Path, string Message)
{
    public override string ToString() =>
        (Line > 0 ? $"{File}:{Line}:{Column}: " : $"{File}: ") + (Path.Length > 0 ? $"{Path}: " : "") + Message;
}
