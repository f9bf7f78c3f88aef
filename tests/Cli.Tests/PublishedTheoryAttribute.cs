namespace Cli.Tests;

/// <summary>A test of the published native executable. The test is skipped if INFERCTL_EXECUTABLE is not set.</summary>
public sealed class PublishedTheoryAttribute : TheoryAttribute
{
    public PublishedTheoryAttribute() =>
        Skip = CliProcess.IsPublished ? null : "INFERCTL_EXECUTABLE does not name a published executable.";
}
