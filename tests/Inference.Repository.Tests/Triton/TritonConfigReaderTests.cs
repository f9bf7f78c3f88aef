using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Triton;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Repository.Tests.Triton;

public sealed class TritonConfigReaderTests
{
    /// <summary>The configuration of an image classifier for a GPU. Most of its fields have no effect on this server.</summary>
    private const string Classifier = """
        name: "resnet"
        platform: "onnxruntime_onnx"
        max_batch_size: 32
        input [
          {
            name: "data_0"
            data_type: TYPE_FP32
            format: FORMAT_NCHW
            dims: [ 3, 224, 224 ]
          }
        ]
        output [
          {
            name: "prob_1"
            data_type: TYPE_FP32
            dims: [ 1000 ]
            reshape { shape: [ 1000, 1, 1 ] }
            label_filename: "labels.txt"
          }
        ]
        instance_group [
          { count: 2 kind: KIND_GPU gpus: [ 0, 1 ] }
        ]
        dynamic_batching {
          preferred_batch_size: [ 8, 16 ]
          max_queue_delay_microseconds: 500
          preserve_ordering: true
          default_queue_policy {
            timeout_action: REJECT
            default_timeout_microseconds: 2000000
            allow_timeout_override: true
            max_queue_size: 128
          }
        }
        version_policy: { latest { num_versions: 2 } }
        optimization {
          graph { level: 1 }
          cuda { graphs: true }
          execution_accelerators {
            gpu_execution_accelerator : [ { name : "tensorrt" parameters { key: "precision_mode" value: "FP16" } } ]
          }
        }
        model_warmup [
          {
            name: "zeros"
            batch_size: 1
            count: 3
            inputs { key: "data_0" value: { data_type: TYPE_FP32 dims: [ 3, 224, 224 ] zero_data: true } }
          }
        ]
        """;

    /// <summary>The configuration of a text encoder for a CPU.</summary>
    private const string Encoder = """
        # Sentence encoder, exported with opset 17.
        backend: "onnxruntime"
        max_batch_size: 0
        input { name: "input_ids" data_type: TYPE_INT64 dims: -1 dims: -1 }
        input { name: "attention_mask" data_type: TYPE_INT64 dims: [-1, -1] }
        output: < name: 'embedding'; data_type: TYPE_FP32; dims: [-1, 384]; >
        parameters { key: "intra_op_thread_count" value { string_value: "4" } }
        parameters: { key: "enable_mem_arena", value: { string_value: "0" } }
        instance_group [ { kind: KIND_CPU } ]
        version_policy { specific { versions: [ 3, 1 ] } }
        model_transaction_policy { decoupled: false }
        """;

    [Fact]
    public void Read_AClassifierForAGpu_IsAcceptedAndTheRestNamed()
    {
        var config = Read(Classifier, "resnet");

        Assert.Equal(32, config.Tensors.MaxBatchSize);
        Assert.Equal(2, config.Settings.Versions.Serve.LatestCount);
        Assert.Equal((ContractChoice.Declared, 32), (config.Settings.Batching.Contract, config.Settings.Batching.MaxBatch));
        Assert.Equal([8, 16], config.Settings.Batching.PreferredSizes.AsEnumerable());
        Assert.Equal(TimeSpan.FromMicroseconds(500), config.Settings.Batching.MaxDelay);
        Assert.Equal(128, config.Settings.Batching.QueueLimit);
        Assert.Equal(TimeSpan.FromSeconds(2), config.Settings.Timeouts.Request);
        Assert.Equal([new WarmupSample(null, 3)], config.Settings.Lifecycle.Warmup.AsEnumerable());
        Assert.Equal(("data_0", ElementType.Float32), (config.Tensors.Inputs[0].Name, config.Tensors.Inputs[0].Type));
        Assert.Equal([3, 224, 224], config.Tensors.Inputs[0].Dims!.Value.AsEnumerable());
        Assert.Equal([1000, 1, 1], config.Tensors.Outputs[0].Dims!.Value.AsEnumerable());
        Assert.Equal([1000], config.Tensors.Outputs[0].CallerDims!.Value.AsEnumerable());
        Assert.Equal("labels.txt", config.Tensors.Outputs[0].LabelFile);
        Assert.Equal(
            [
                "8:input.format", "22:instance_group.count", "22:instance_group.kind",
                "22:instance_group.gpus", "27:dynamic_batching.preserve_ordering",
                "30:dynamic_batching.default_queue_policy.default_timeout_microseconds",
                "31:dynamic_batching.default_queue_policy.allow_timeout_override", "37:optimization.graph", "38:optimization.cuda",
                "39:optimization.execution_accelerators", "45:model_warmup.name", "46:model_warmup.batch_size", "48:model_warmup.inputs",
            ],
            config.Warnings.Select(warning => $"{warning.Line}:{warning.Path}"));
        Assert.Equal("config.pbtxt:38:3: optimization.cuda: Ignored: models run on the CPU.", config.Warnings[8].ToString());
    }

    [Fact]
    public void Read_AnEncoderForTheProcessor_IsAccepted()
    {
        var config = Read(Encoder, "encoder");

        Assert.Equal(0, config.Tensors.MaxBatchSize);
        Assert.Equal((ContractChoice.None, null), (config.Settings.Batching.Contract, config.Settings.Batching.MaxBatch));
        Assert.Equal([1, 3], config.Settings.Versions.Serve.Numbers.AsEnumerable());
        Assert.Equal(4, config.Settings.Execution.Threads);
        Assert.Equal(["input_ids", "attention_mask"], config.Tensors.Inputs.Select(input => input.Name));
        Assert.All(config.Tensors.Inputs, input => Assert.Equal([-1, -1], input.Dims!.Value.AsEnumerable()));
        var warning = Assert.Single(config.Warnings);
        Assert.Equal("config.pbtxt:8:15: parameters.key: Ignored: \"enable_mem_arena\" has no meaning here.", warning.ToString());
    }

    [Fact]
    public void Read_Nothing_IsTritonsDefaults()
    {
        var config = Read("");

        Assert.Equal(1, config.Settings.Versions.Serve.LatestCount);
        Assert.True(config is { Tensors: { MaxBatchSize: null, Inputs.IsEmpty: true, Outputs.IsEmpty: true }, Warnings.Count: 0 });
        Assert.True(config.Settings.Batching is { Contract: ContractChoice.Proven, MaxBatch: null, QueueLimit: null });
        Assert.Null(config.Settings.Timeouts.Request);
    }

    [Theory]
    [InlineData("version_policy { all {} }", null)]
    [InlineData("version_policy { latest {} }", 1)]
    [InlineData("version_policy { latest { num_versions: 0 } }", 1)]
    [InlineData("version_policy { latest { num_versions: 0x03 } }", 3)]
    public void Read_VersionPolicy_IsAccepted(string text, int? latest)
    {
        var config = Read(text);

        Assert.Equal(latest, config.Settings.Versions.Serve.LatestCount);
        Assert.Empty(config.Warnings);
    }

    [Theory]
    [InlineData("max_batch_sise: 4", "max_batch_sise: Ignored: this field is not known. Did you mean \"max_batch_size\"?")]
    [InlineData("max_batch_size: 4 dynamic_batching { wings: 4 }",
        "dynamic_batching.wings: Ignored: this field is not known. Known here: default_priority_level,")]
    [InlineData("[ext.field] { a: 1 }", "[ext.field]: Ignored: this field is not known.")]
    [InlineData("metric_tags { key: 'a' value: 'b' }", "metric_tags: Ignored: this server does not have this feature.")]
    [InlineData("cc_model_filenames { key: '7.5' value: 'x' }", "cc_model_filenames: Ignored: models run on the CPU.")]
    [InlineData("response_cache { enable: true }", "response_cache.enable: Ignored: responses are not cached.")]
    [InlineData("instance_group { kind: 1 }", "instance_group.kind: Ignored: the model runs on the CPU.")]
    [InlineData("input { name: 'x' optional: true }", "input.optional: Ignored: an ONNX model needs all of its inputs.")]
    [InlineData("input { name: 'x' label_filename: 'l.txt' }", "input.label_filename: Ignored: an input has no labels.")]
    [InlineData(
        "max_batch_size: 0 dynamic_batching { }", "dynamic_batching: Ignored: max_batch_size is 0, so every request runs as it was sent.")]
    [InlineData("dynamic_batching { max_queue_delay_microseconds: 100 }",
        "dynamic_batching: Ignored: without max_batch_size requests share runs only where the server has proven that this changes no "
        + "result. Write max_batch_size")]
    [InlineData("max_batch_size: 4 dynamic_batching { default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 5 } }",
        "timeout_action: Ignored, together with default_timeout_microseconds")]
    public void Read_WithoutMeaningHere_Warns(string text, string expected)
    {
        var warning = Assert.Single(Read(text).Warnings);

        AssertText.Contains(expected, warning.ToString());
    }

    [Theory]
    [InlineData("input { name: 'x' format: FORMAT_NONE optional: false allow_ragged_batch: f }")]
    [InlineData("instance_group { kind: KIND_CPU count: 1 } instance_group [{ kind: KIND_AUTO }, { kind: KIND_MODEL }]")]
    [InlineData("response_cache { enable: false } model_transaction_policy { }")]
    [InlineData("name: 'm' platform: '' backend: 'onnxruntime' default_model_filename: 'model.onnx'")]
    [InlineData("parameters { key: 'intra_op_thread_count' value { string_value: '0' } }")]
    public void Read_DefaultOfThisServer_DoesNotWarn(string text) => Assert.Empty(Read(text).Warnings);

    [Theory]
    [InlineData("name: 'other'",
        "config.pbtxt:1:1: name: \"other\" is given, but the model's folder is m. Remove this field, or write \"m\".")]
    [InlineData("platform: 'tensorrt_plan'", "platform: \"tensorrt_plan\" is given, but only ONNX models are served")]
    [InlineData("platform: 'ensemble'", "platform: \"ensemble\" is given")]
    [InlineData("backend: 'python'", "backend: \"python\" is given")]
    [InlineData("default_model_filename: '../x.onnx'",
        "default_model_filename: \"../x.onnx\" is given; the name of an .onnx file in the version's folder is expected.")]
    [InlineData("sequence_batching { }", "sequence_batching: Models that keep state between requests are not served.")]
    [InlineData("ensemble_scheduling { step [ { } ] }", "ensemble_scheduling: Ensembles of models are not served.")]
    [InlineData("batch_input { }", "batch_input: Inputs that the server makes")]
    [InlineData("batch_output { }", "batch_output: Outputs that the server divides among the requests of a batch")]
    [InlineData(
        "model_transaction_policy { decoupled: true }",
        "model_transaction_policy.decoupled: This server sends exactly one response for each request.")]
    [InlineData("max_batch_size: 4 dynamic_batching { preferred_batch_size: [ 2, 8 ] }",
        "1:65: dynamic_batching.preferred_batch_size: A preferred size is 8, but max_batch_size is 4.")]
    [InlineData("max_batch_size: 0 dynamic_batching { preferred_batch_size: 2 }", "A preferred size is 2, but max_batch_size is 0.")]
    [InlineData("max_batch_size: -1", "max_batch_size: A whole number from 0 to 65536 is expected.")]
    [InlineData("max_batch_size: 'four'", "max_batch_size: A whole number")]
    [InlineData("max_batch_size: 4.5", "max_batch_size: A whole number")]
    [InlineData("max_batch_size: 4 max_batch_size: 4", "1:19: max_batch_size: This field is given twice.")]
    [InlineData("max_batch_size { }", "max_batch_size: A whole number")]
    [InlineData("dynamic_batching: 3", "dynamic_batching: A message in braces is expected.")]
    [InlineData("name: m", "name: A string in quotes is expected.")]
    [InlineData("version_policy { all {} latest {} }", "version_policy.all: \"latest\" is given too")]
    [InlineData("version_policy { specific { } }", "version_policy.specific: No version is listed. List at least one in \"versions\".")]
    [InlineData("version_policy { specific { versions: 0 } }", "version_policy.specific.versions: A whole number from 1 is expected.")]
    [InlineData("input { data_type: TYPE_FP32 }", "input.name: A tensor needs its name.")]
    [InlineData("output { name: 'x' } output { name: 'x' }", "1:31: output.name: \"x\" is given twice.")]
    [InlineData("input { name: 'x' data_type: FP32 }", "input.data_type: One of TYPE_INVALID, TYPE_BOOL,")]
    [InlineData("input { name: 'x' data_type: 15 }", "input.data_type: A whole number from 0 to 14 is expected.")]
    [InlineData("input { name: 'x' dims: [ 2, 0 ] }", "input.dims: A dimension is 0")]
    [InlineData("input { name: 'x' dims: [ 6 ] reshape { shape: [ 2, 2 ] } }",
        "input.reshape: dims have 6 elements, but the reshape has 4. Both must have the same number.")]
    [InlineData("input { name: 'x' dims: [ -1, 4 ] reshape { shape: [ 4, -1 ] } }",
        "input.reshape: dims [-1,4] cannot be reshaped to [4,-1]: both must have the same number of -1")]
    [InlineData("output { name: 'x' label_filename: '../labels.txt' }",
        "output.label_filename: \"../labels.txt\" is given; the name of a file in the model's folder is expected")]
    [InlineData("instance_group { count: -1 }", "instance_group.count: A whole number from 0")]
    [InlineData("instance_group { kind: KIND_TPU }", "instance_group.kind: One of KIND_AUTO, KIND_GPU, KIND_CPU, KIND_MODEL is expected.")]
    [InlineData(
        "parameters { key: 'intra_op_thread_count' value { string_value: 'all' } }", "parameters.key: intra_op_thread_count is \"all\"")]
    [InlineData("response_cache { enable: maybe }", "response_cache.enable: true or false is expected.")]
    [InlineData("input [ { name: 'x' ", "config.pbtxt:1:21: The end of the file was found")]
    public void Read_Bad_NamesTheProblemAndItsPosition(string text, string expected)
    {
        var problem = Assert.Single(ProblemsOf(text));

        AssertText.Contains(expected, problem.ToString());
    }

    [Fact]
    public void Read_ManyErrors_ReportsAllInOrder()
    {
        var problems = ProblemsOf("max_batch_size: -1\nbackend: 'python'\ninput { dims: 0 }\nsequence_batching { }");

        Assert.Equal(
            ["max_batch_size", "backend", "input.name", "input.dims", "sequence_batching"], problems.Select(problem => problem.Path));
    }

    private static TritonConfig Read(string text, string name = "m") =>
        Read(Encoding.UTF8.GetBytes(text), ModelName.Parse(name));

    /// <exception cref="FileProblemsException">The file has problems.</exception>
    internal static TritonConfig Read(ReadOnlySpan<byte> text, ModelName name)
    {
        var problems = new ProblemList(TritonConfig.FileName);
        var config = TritonConfigReader.Read(text, name, problems);
        return problems.IsEmpty ? config : throw new FileProblemsException(problems.Problems);
    }

    private static IReadOnlyList<FileProblem> ProblemsOf(string text) => Assert.Throws<FileProblemsException>(() => Read(text)).Problems;
}
