using Infra.Tests.Support;

namespace Infra.Tests.Kubernetes;

/// <summary>Marks a test that needs kubectl, which contains kustomize. The test is skipped when kubectl is not installed.</summary>
internal sealed class KubectlTheoryAttribute : TheoryAttribute
{
    public KubectlTheoryAttribute()
    {
        if (!ToolResult.IsInstalled("kubectl"))
            Skip = "kubectl is not installed.";
    }
}
