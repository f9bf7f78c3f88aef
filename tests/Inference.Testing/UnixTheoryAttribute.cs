using Xunit;

namespace Inference.Testing;

/// <summary>A test of file modes. It is skipped on Windows, which has no file modes.</summary>
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no file modes." : null;
}
