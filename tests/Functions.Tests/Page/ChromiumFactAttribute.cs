namespace Functions.Tests.Page;

/// <summary>A test in a real browser. The test is skipped if the browser is not installed.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = File.Exists(Chromium.Executable) ? null : Reason;

    private static string Reason => $"There is no {Chromium.Executable}: apt-get install chromium.";
}
