namespace Functions.Tests.Page;

/// <summary>A test in a real browser; skipped where there is none.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = File.Exists(Chromium.Executable) ? null : Reason;

    private static string Reason => $"There is no {Chromium.Executable}: apt-get install chromium.";
}
