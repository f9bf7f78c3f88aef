using Infra.Tests.Support;

namespace Infra.Tests.Monitoring;

/// <summary>
/// A test that needs promtool, which Debian's package prometheus has; skipped, and counted so, where it is not installed.
/// </summary>
internal sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        if (!Tool.IsInstalled("promtool"))
            Skip = "promtool is not installed.";
    }
}
