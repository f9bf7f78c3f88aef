using Infra.Tests.Support;
using k8s.Models;

namespace Infra.Tests.Kubernetes;

/// <summary>Checks that the resources of an overlay fit each other and the app.</summary>
public sealed class OverlayTests(AppMetadata app) : IClassFixture<AppMetadata>
{
    /// <summary>The app's shutdown timeout in seconds.</summary>
    private const int AppShutdownSeconds = 30;

    public static TheoryData<string> Overlays => ["dev", "prod"];

    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Pods_AnyOverlay_MeetTheRestrictedStandard(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.NotEmpty(overlay.Deployments);
        Assert.All(overlay.Deployments, deployment =>
        {
            var pod = deployment.Spec.Template.Spec;
            var container = Assert.Single(pod.Containers);
            Assert.False(pod.AutomountServiceAccountToken);
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Contains("cpu", container.Resources.Limits.Keys);
            Assert.Contains("memory", container.Resources.Limits.Keys);
            Assert.True(pod.TerminationGracePeriodSeconds > container.Lifecycle.PreStop.Sleep.Seconds + AppShutdownSeconds);
        });
        Assert.Equal("restricted", overlay.One<V1Namespace>().Metadata.Labels["pod-security.kubernetes.io/enforce"]);
    }

    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Probes_AnyOverlay_AskForPathsOfTheAppOnItsPort(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        foreach (var container in overlay.Deployments.SelectMany(deployment => deployment.Spec.Template.Spec.Containers))
        {
            var port = Assert.Single(container.Ports);
            Assert.Equal(8080, port.ContainerPort);
            Assert.All(new[] { container.StartupProbe, container.LivenessProbe, container.ReadinessProbe }, probe =>
            {
                Assert.Equal(port.Name, probe.HttpGet.Port.Value);
                Assert.Contains(probe.HttpGet.Path, app.AnonymousPaths);
            });
        }
    }

    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Selectors_AnyOverlay_FindTheirPods(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.All(overlay.Deployments, deployment =>
            Assert.Equal([deployment.Name()], Names(overlay.Matching(deployment.Spec.Selector.MatchLabels))));
        Assert.All(overlay.All<V1Service>(), service =>
        {
            var deployment = Assert.Single(overlay.Matching(service.Spec.Selector));
            Assert.Equal(service.Name(), deployment.Name());
            var port = Assert.Single(deployment.Spec.Template.Spec.Containers[0].Ports);
            Assert.Equal(port.Name, Assert.Single(service.Spec.Ports).TargetPort.Value);
        });
        Assert.Equal(["inference-api"], Names(overlay.Matching(overlay.One<V1PodDisruptionBudget>().Spec.Selector.MatchLabels)));
        var policy = overlay.One<V1NetworkPolicy>();
        Assert.Equal(Names(overlay.Deployments), Names(overlay.Matching(policy.Spec.PodSelector.MatchLabels)));
        Assert.Equal("http", policy.Spec.Ingress[0].Ports[0].Port.Value);
        Assert.Single(
            overlay.Objects.Where(o => o.Metadata.NamespaceProperty is not null).Select(o => o.Metadata.NamespaceProperty).Distinct());
    }

    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task References_AnyOverlay_AreThere(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var settings = overlay.One<V1ConfigMap>();
        var example = (V1Secret)Overlay.Load(Repository.Read("infra", "kubernetes", "base", "shared", "secret.example.yaml"))[0];

        var own = overlay.Deployments.SelectMany(deployment => deployment.Spec.Template.Spec.Containers[0].Env ?? [])
            .Select(variable => variable.Name);
        Assert.All(settings.Data.Keys.Concat(example.StringData.Keys).Concat(own), key =>
            Assert.True(AppSettings.IsReal(key), $"The app has no setting {key}."));
        foreach (var pod in overlay.Deployments.Select(deployment => deployment.Spec.Template.Spec))
        {
            Assert.Equal(overlay.One<V1ServiceAccount>().Name(), pod.ServiceAccountName);
            Assert.Equal(settings.Name(), pod.Containers[0].EnvFrom[0].ConfigMapRef.Name);
            Assert.Equal(example.Name(), pod.Containers[0].EnvFrom[1].SecretRef.Name);
            var mount = Assert.Single(pod.Containers[0].VolumeMounts);
            Assert.Equal(mount.Name, Assert.Single(pod.Volumes).Name);
            Assert.StartsWith($"{mount.MountPath}/", settings.Data["Models__CacheDirectory"], StringComparison.Ordinal);
        }
    }

    [KubectlTheory]
    [MemberData(nameof(Overlays))]
    public async Task Scalers_AnyOverlay_NeverShareADeployment(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        var scaled = overlay.All<V2HorizontalPodAutoscaler>().Select(scaler => scaler.Spec.ScaleTargetRef.Name)
            .Concat(overlay.All<CustomResources.ScaledObject>().Select(scaler => scaler.Spec.ScaleTargetRef.Name));
        Assert.Equal(Names(overlay.Deployments), scaled.Order(StringComparer.Ordinal));
        // A number of replicas in the deployment would be restored with each apply.
        Assert.All(overlay.Deployments, deployment => Assert.Null(deployment.Spec.Replicas));
    }

    [KubectlTheory]
    [InlineData("prod")]
    public async Task Prod_Queue_IsScaledFromZeroByWaitingMessages(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var settings = overlay.One<V1ConfigMap>().Data;

        var scaler = overlay.One<CustomResources.ScaledObject>();
        var trigger = Assert.Single(scaler.Spec.Triggers);
        Assert.Equal(0, scaler.Spec.MinReplicaCount);
        Assert.Equal("azure-queue", trigger.Type);
        Assert.Equal(settings["Predictions__Queue"], trigger.Metadata["queueName"]);
        Assert.Equal(settings["AzureWebJobsStorage__accountName"], trigger.Metadata["accountName"]);
        Assert.Equal("all", trigger.Metadata["queueLengthStrategy"]);
        var authentication = overlay.One<CustomResources.TriggerAuthentication>();
        Assert.Equal(authentication.Metadata.Name, trigger.AuthenticationRef.Name);
        Assert.Equal("azure-workload", authentication.Spec.PodIdentity.Provider);
        // No other deployment reads the queue.
        Assert.Equal(
            ["inference-api"],
            overlay.Deployments
                .Where(deployment =>
                    deployment.Spec.Template.Spec.Containers[0].Env?.Any(variable =>
                        variable.Name == "AzureWebJobs__PredictionQueue__Disabled") == true)
                .Select(deployment => deployment.Metadata.Name));
    }

    [KubectlTheory]
    [InlineData("prod")]
    public async Task Prod_Metrics_AreScrapedFromEveryPodAndScaleTheServer(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        var monitor = overlay.One<CustomResources.ServiceMonitor>();
        var endpoint = Assert.Single(monitor.Spec.Endpoints);
        Assert.Equal("/metrics", endpoint.Path);
        var services = overlay.All<V1Service>().ToList();
        Assert.Equal(overlay.Deployments.Count(), services.Count);
        Assert.All(services, service =>
        {
            Assert.All(monitor.Spec.Selector.MatchLabels, label => Assert.Contains(label, service.Metadata.Labels));
            Assert.Equal(endpoint.Port, service.Spec.Ports[0].Name);
        });
        Assert.Equal(["Resource", "Pods"], overlay.One<V2HorizontalPodAutoscaler>().Spec.Metrics.Select(metric => metric.Type));
    }

    [KubectlTheory]
    [InlineData("prod")]
    public async Task Prod_Identity_IsAWorkloadIdentity(string name)
    {
        var overlay = await Overlay.RenderAsync(name);

        Assert.Contains("azure.workload.identity/client-id", overlay.One<V1ServiceAccount>().Metadata.Annotations.Keys);
        Assert.All(overlay.Deployments, deployment =>
            Assert.Equal("true", deployment.Spec.Template.Metadata.Labels["azure.workload.identity/use"]));
    }

    private static List<string> Names(IEnumerable<V1Deployment> deployments) =>
        [.. deployments.Select(d => d.Name()).Order(StringComparer.Ordinal)];
}
