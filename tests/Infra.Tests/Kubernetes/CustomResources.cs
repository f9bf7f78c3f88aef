using k8s;
using k8s.Models;

namespace Infra.Tests.Kubernetes;

/// <summary>
/// Types for custom resources that the Kubernetes client does not know. They contain only the properties that the manifests use; strict
/// reading refuses all others.
/// </summary>
internal static class CustomResources
{
    public static Dictionary<string, Type> Types { get; } = new()
    {
        ["keda.sh/v1alpha1/ScaledObject"] = typeof(ScaledObject),
        ["keda.sh/v1alpha1/TriggerAuthentication"] = typeof(TriggerAuthentication),
        ["monitoring.coreos.com/v1/PrometheusRule"] = typeof(PrometheusRule),
        ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor),
    };

    internal abstract class Resource : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public V1ObjectMeta Metadata { get; set; } = new();
    }

    internal sealed class ScaledObject : Resource
    {
        public ScaledObjectSpec Spec { get; set; } = new();
    }

    internal sealed class ScaledObjectSpec
    {
        public Reference ScaleTargetRef { get; set; } = new();

        public int PollingInterval { get; set; }

        public int CooldownPeriod { get; set; }

        public int MinReplicaCount { get; set; }

        public int MaxReplicaCount { get; set; }

        public List<Trigger> Triggers { get; set; } = [];
    }

    internal sealed class Trigger
    {
        public string Type { get; set; } = "";

        public Dictionary<string, string> Metadata { get; set; } = [];

        public Reference AuthenticationRef { get; set; } = new();
    }

    internal sealed class TriggerAuthentication : Resource
    {
        public TriggerAuthenticationSpec Spec { get; set; } = new();
    }

    internal sealed class TriggerAuthenticationSpec
    {
        public PodIdentity PodIdentity { get; set; } = new();
    }

    internal sealed class PodIdentity
    {
        public string Provider { get; set; } = "";
    }

    internal sealed class ServiceMonitor : Resource
    {
        public ServiceMonitorSpec Spec { get; set; } = new();
    }

    internal sealed class ServiceMonitorSpec
    {
        public string JobLabel { get; set; } = "";

        public V1LabelSelector Selector { get; set; } = new();

        public List<ScrapeEndpoint> Endpoints { get; set; } = [];
    }

    internal sealed class ScrapeEndpoint
    {
        public string Port { get; set; } = "";

        public string Path { get; set; } = "";

        public string Interval { get; set; } = "";
    }

    internal sealed class PrometheusRule : Resource
    {
        public PrometheusRuleSpec Spec { get; set; } = new();
    }

    internal sealed class PrometheusRuleSpec
    {
        public List<RuleGroup> Groups { get; set; } = [];
    }

    internal sealed class RuleGroup
    {
        public string Name { get; set; } = "";

        public List<Rule> Rules { get; set; } = [];
    }

    internal sealed class Rule
    {
        public string Record { get; set; } = "";

        public string Alert { get; set; } = "";

        public string Expr { get; set; } = "";

        public string For { get; set; } = "";

        public Dictionary<string, string> Labels { get; set; } = [];

        public Dictionary<string, string> Annotations { get; set; } = [];
    }

    internal sealed class Reference
    {
        public string Name { get; set; } = "";
    }
}
