namespace Functions.Tests;

/// <summary>A test of the publish folder. The test is skipped if FUNCTIONS_EXECUTABLE is not set.</summary>
public sealed class PublishedFactAttribute : FactAttribute
{
    public PublishedFactAttribute() =>
        Skip = FunctionsProcess.IsPublished ? null : "FUNCTIONS_EXECUTABLE does not name a published executable.";
}
