using Infra.Tests.Support;

namespace Infra.Tests.Monitoring;

/// <summary>
/// Marks a test that needs promtool from Debian's package prometheus. The test is skipped when promtool is not installed.
/// </summary>
internal sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        if (!ToolResult.IsInstalled("promtool"))
            Skip = "promtool is not installed.";
    }
}
