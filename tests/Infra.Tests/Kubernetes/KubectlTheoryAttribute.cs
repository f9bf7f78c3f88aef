namespace Infra.Tests.Kubernetes;

/// <summary>A test that needs kubectl, which has kustomize in it; skipped, and counted so, where it is not installed.</summary>
internal sealed class KubectlTheoryAttribute : TheoryAttribute
{
    public KubectlTheoryAttribute()
    {
        var paths = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        if (!paths.Any(path => File.Exists(Path.Combine(path, "kubectl"))))
            Skip = "kubectl is not installed.";
    }
}
