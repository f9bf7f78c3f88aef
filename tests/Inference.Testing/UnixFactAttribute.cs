using Xunit;

namespace Inference.Testing;

/// <summary>A test of file modes. Windows, which has none, skips it.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no file modes." : null;
}
