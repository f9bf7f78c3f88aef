using Xunit;

namespace Inference.Testing;

/// <summary>A test of file modes. Windows, which has none, skips it.</summary>
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no file modes." : null;
}
