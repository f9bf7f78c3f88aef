using Inference.Models.Settings.Remote;
using Inference.Models.Settings.Versions;

namespace Inference.Models.Settings;

/// <summary>
/// The settings of one model, from its <c>model.json</c> or <c>config.pbtxt</c>. All settings are optional; a missing setting has the
/// default in its documentation. To detect changed settings, compare the files: this record and some of its parts compare their lists by
/// identity.
/// </summary>
public sealed record ModelSettings
{
    /// <summary>The name of a settings file in this server's own format.</summary>
    public const string FileName = "model.json";

    public static ModelSettings Default { get; } = new();

    /// <summary>The model file of each version, relative to the version's folder.</summary>
    /// <value>Default: null, which means <c>model.onnx</c> or the only model file of the version.</value>
    public string? File { get; init; }

    public VersionSettings Versions { get; init; } = new();

    public BatchingSettings Batching { get; init; } = new();

    public ExecutionSettings Execution { get; init; } = new();

    public LifecycleSettings Lifecycle { get; init; } = new();

    public TimeoutSettings Timeouts { get; init; } = new();

    public LimitSettings Limits { get; init; } = new();

    public ResultSettings Results { get; init; } = new();

    /// <summary>The remote server that runs the model.</summary>
    /// <value>Default: null. The model is then a local file.</value>
    public RemoteSettings? Remote { get; init; }

    /// <summary>The task that the model performs on texts or images.</summary>
    /// <value>Default: null, which means the task that the model's folder names.</value>
    public ModelTask? Task { get; init; }

    /// <summary>The settings for images; null for a model that accepts no images.</summary>
    public ImageSettings? Image { get; init; }

    /// <summary>The settings for texts; null for a model that accepts no text.</summary>
    public TextSettings? Text { get; init; }
}
