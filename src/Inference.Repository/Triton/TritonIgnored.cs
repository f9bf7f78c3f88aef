namespace Inference.Repository.Triton;

/// <summary>For each message of Triton's model configuration, the fields that have no effect here, each with the reason.</summary>
internal static class TritonIgnored
{
    private const string Gpu = "models run on the CPU.";
    private const string ChosenByServer = "the server chooses how a graph is optimized.";
    private const string NotSupported = "this server does not have this feature.";

    public static readonly Dictionary<string, string> Config = new()
    {
        ["runtime"] = "ONNX Runtime is the only backend.",
        ["cc_model_filenames"] = Gpu,
        ["metric_tags"] = NotSupported,
        ["model_metrics"] = NotSupported,
        ["model_repository_agents"] = "use a manifest (model.sha256) to verify files.",
        ["model_operations"] = "libraries of custom operators are not loaded.",
    };

    public static readonly Dictionary<string, string> Optimization = new()
    {
        ["graph"] = ChosenByServer,
        ["priority"] = NotSupported,
        ["cuda"] = Gpu,
        ["execution_accelerators"] = "models run on ONNX Runtime's own kernels.",
        ["input_pinned_memory"] = Gpu,
        ["output_pinned_memory"] = Gpu,
        ["gather_kernel_buffer_threshold"] = Gpu,
        ["eager_batching"] = Gpu,
    };

    public static readonly Dictionary<string, string> DynamicBatching = new()
    {
        ["preserve_ordering"] = "requests run in the order of arrival, and each response is sent at once.",
        ["priority_levels"] = NotSupported,
        ["default_priority_level"] = NotSupported,
        ["priority_queue_policy"] = NotSupported,
    };

    public static readonly Dictionary<string, string> QueuePolicy = new()
    {
        ["allow_timeout_override"] = "a request may always name its own timeout.",
    };

    public static readonly Dictionary<string, string> InstanceGroup = new()
    {
        ["name"] = "instances have no names.",
        ["count"] = "one loaded model runs as many requests at once as there are processors.",
        ["gpus"] = Gpu,
        ["profile"] = Gpu,
        ["secondary_devices"] = Gpu,
        ["rate_limiter"] = NotSupported,
        ["passive"] = NotSupported,
        ["host_policy"] = NotSupported,
    };

    public static readonly Dictionary<string, string> Tensor = new()
    {
        ["format"] = "it does not affect the tensor's shape or type.",
        ["label_filename"] = "an input has no labels.",
        ["is_shape_tensor"] = Gpu,
        ["is_non_linear_format_io"] = Gpu,
        ["allow_ragged_batch"] = "requests of different shapes run separately.",
        ["optional"] = "an ONNX model needs all of its inputs.",
    };

    public static readonly Dictionary<string, string> Warmup = new()
    {
        ["name"] = "samples have no names.",
        ["batch_size"] = "a generated sample has one item.",
        ["inputs"] = "inputs are generated. To set the inputs, use lifecycle.warmup in model.json.",
    };
}
