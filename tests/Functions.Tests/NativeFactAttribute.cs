namespace Functions.Tests;

/// <summary>A test of what only the native engine does; skipped while FUNCTIONS_EXECUTABLE names the app with Microsoft's engine.</summary>
public sealed class NativeFactAttribute : FactAttribute
{
    public NativeFactAttribute() =>
        Skip = FunctionsProcess.IsOfficial ? "FUNCTIONS_EXECUTABLE names the app with Microsoft's engine." : null;
}
