namespace Infra.Tests.Kubernetes;

/// <summary>Checks each file alone, without kustomize.</summary>
public sealed class ManifestTests
{
    /// <summary>The files, except kustomize's own files and patches that are lists of operations.</summary>
    public static TheoryData<string> Files =>
    [
        .. Directory.EnumerateFiles(Overlay.Folder, "*.yaml", SearchOption.AllDirectories)
            .Where(file =>
                Path.GetFileName(file) != "kustomization.yaml" && !File.ReadAllText(file).Contains("\n- op:", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Overlay.Folder, file))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Load_File_HasOnlyFieldsOfTheApi(string file) =>
        Assert.Single(Overlay.Load(File.ReadAllText(Path.Combine(Overlay.Folder, file))));

    [Fact]
    public void Load_MisspeltProperty_IsRefused() => Assert.ThrowsAny<Exception>(() => Overlay.Load("""
        apiVersion: v1
        kind: Service
        metadata:
          name: a
        spec:
          selectors:
            a: b
        """));

    [Fact]
    public void Load_MisspeltPropertyOfACustomResource_IsRefused() => Assert.ThrowsAny<Exception>(() => Overlay.Load("""
        apiVersion: keda.sh/v1alpha1
        kind: ScaledObject
        metadata:
          name: a
        spec:
          minReplicas: 0
        """));
}
