namespace Functions.Tests;

/// <summary>A test of the published native executable. The test is skipped if FUNCTIONS_EXECUTABLE names no native executable.</summary>
public sealed class PublishedTheoryAttribute : TheoryAttribute
{
    public PublishedTheoryAttribute() => Skip = FunctionsProcess.IsPublished && !FunctionsProcess.IsOfficial
        ? null
        : "FUNCTIONS_EXECUTABLE does not name a published native executable.";
}
