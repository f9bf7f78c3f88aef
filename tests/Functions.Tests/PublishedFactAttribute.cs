namespace Functions.Tests;

/// <summary>A test of the published folder; skipped while FUNCTIONS_EXECUTABLE names none.</summary>
public sealed class PublishedFactAttribute : FactAttribute
{
    public PublishedFactAttribute() =>
        Skip = FunctionsProcess.IsPublished ? null : "FUNCTIONS_EXECUTABLE does not name a published executable.";
}
