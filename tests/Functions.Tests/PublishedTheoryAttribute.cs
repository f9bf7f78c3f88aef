namespace Functions.Tests;

/// <summary>A test of the published native executable; skipped while FUNCTIONS_EXECUTABLE names none.</summary>
public sealed class PublishedTheoryAttribute : TheoryAttribute
{
    public PublishedTheoryAttribute() => Skip = FunctionsProcess.IsPublished && !FunctionsProcess.IsOfficial
        ? null
        : "FUNCTIONS_EXECUTABLE does not name a published native executable.";
}
