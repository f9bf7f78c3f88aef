using System.Collections.Concurrent;
using Infra.Tests.Support;
using k8s;
using k8s.Models;

namespace Infra.Tests.Kubernetes;

/// <summary>The resources that <c>kubectl apply --kustomize</c> would send for an overlay.</summary>
internal sealed class Overlay(IReadOnlyList<object> resources)
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Overlay>>> Rendered = new();

    public static string Folder { get; } = Path.Combine(Repository.Infra, "kubernetes");

    public IEnumerable<IKubernetesObject<V1ObjectMeta>> Objects => resources.Cast<IKubernetesObject<V1ObjectMeta>>();

    public IEnumerable<V1Deployment> Deployments => All<V1Deployment>();

    /// <summary>Renders an overlay. All tests share the result, because kubectl takes a second.</summary>
    public static Task<Overlay> RenderAsync(string name) =>
        Rendered.GetOrAdd(name, static name => new(() => RunKustomizeAsync(name))).Value;

    /// <summary>Reads resources. Throws for a property that the resource's type does not have.</summary>
    public static IReadOnlyList<object> Load(string yaml) => KubernetesYaml.LoadAllFromString(yaml, CustomResources.Types, strict: true);

    public IEnumerable<T> All<T>() => resources.OfType<T>();

    public T One<T>() => Assert.Single(All<T>());

    /// <summary>Returns the deployments whose pods have all these labels.</summary>
    public IReadOnlyList<V1Deployment> Matching(IDictionary<string, string> labels) =>
        [.. Deployments.Where(deployment => labels.All(label => deployment.Spec.Template.Metadata.Labels.Contains(label)))];

    private static async Task<Overlay> RunKustomizeAsync(string name)
    {
        var render = await ToolResult.RunAsync("kubectl", ["kustomize", Path.Combine(Folder, "overlays", name)]);
        Assert.True(render is { ExitCode: 0, Errors: "" }, render.Errors);
        return new(Load(render.Output));
    }
}
