namespace Inference.Models.Settings;

/// <summary>An error in a file that describes a model, with its position.</summary>
/// <param name="File">The name of the file, such as <c>model.json</c>.</param>
/// <param name="Line">The line from 1; 0 for an error without a position.</param>
/// <param name="Column">The column in bytes from 1; 0 for an error without a position.</param>
/// <param name="Path">The path of the value, such as <c>$.batching.maxBatch</c>; empty for an error without a path.</param>
/// <param name="Message">The invalid content and the expected content.</param>
public sealed record FileProblem(string File, int Line, int Column, string Path, string Message)
{
    /// <summary>
    /// Whether the file is correct, but requests something that is not supported, or needs another file that is missing. The model can then
    /// be served without that part.
    /// </summary>
    public bool IsUnsupported { get; init; }

    public override string ToString() =>
        (Line > 0 ? $"{File}:{Line}:{Column}: " : $"{File}: ") + (Path.Length > 0 ? $"{Path}: " : "") + Message;
}
