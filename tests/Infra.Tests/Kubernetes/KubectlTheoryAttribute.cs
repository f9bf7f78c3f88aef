using Infra.Tests.Support;

namespace Infra.Tests.Kubernetes;

/// <summary>A test that needs kubectl, which has kustomize in it; skipped, and counted so, where it is not installed.</summary>
internal sealed class KubectlTheoryAttribute : TheoryAttribute
{
    public KubectlTheoryAttribute()
    {
        if (!Tool.IsInstalled("kubectl"))
            Skip = "kubectl is not installed.";
    }
}
