namespace Functions.Tests;

/// <summary>
/// A test of behavior that only the native engine has. The test is skipped if FUNCTIONS_EXECUTABLE names an app with Microsoft's engine.
/// </summary>
public sealed class NativeTheoryAttribute : TheoryAttribute
{
    public NativeTheoryAttribute() =>
        Skip = FunctionsProcess.IsOfficial ? "FUNCTIONS_EXECUTABLE names the app with Microsoft's engine." : null;
}
