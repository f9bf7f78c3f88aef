using Xunit;

namespace Inference.Testing;

/// <summary>A test that only Linux can run. Other systems skip it and show the reason.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(string reason) => Skip = OperatingSystem.IsLinux() ? null : $"Linux only: {reason}";
}
