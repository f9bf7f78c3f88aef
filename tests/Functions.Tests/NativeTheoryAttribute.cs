namespace Functions.Tests;

/// <summary>A test of what only this repository's worker does; skipped while FUNCTIONS_EXECUTABLE names the app with Microsoft's worker.</summary>
public sealed class NativeTheoryAttribute : TheoryAttribute
{
    public NativeTheoryAttribute() => Skip = FunctionsProcess.IsOfficial ? "FUNCTIONS_EXECUTABLE names the app with Microsoft's worker." : null;
}
