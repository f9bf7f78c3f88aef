using System.Globalization;
using Inference.Catalog;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
using Inference.Models.Settings.Versions;
using Inference.Protocols.OpenInference;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Tensors;
using Counts = Inference.Diagnostics.ModelStatistics;
using Messages = Inference.Protocols.OpenInference.Grpc.Messages;

namespace Functions.Grpc;

/// <summary>Describes models as protobuf messages. The JSON forms are in Inference.Protocols.</summary>
internal static class ModelMessages
{
    private const ulong NanosecondsPerTick = 100;

    public static ModelConfig CreateConfig(ModelLease lease)
    {
        var (model, batching, maxBatch) = (lease.Model, lease.Batching, lease.MaxBatch);
        return new ModelConfig
        {
            Name = model.Id.Name.Value,
            Platform = ConfigurationWriter.Platform,
            Backend = ConfigurationWriter.Backend,
            DefaultModelFilename = ModelVersion.ModelFileName,
            VersionPolicy = CreatePolicy(lease.ServePolicy),
            MaxBatchSize = maxBatch,
            Input = { model.Signature.Inputs.Select(spec => CreateInput(model, spec, maxBatch)) },
            Output = { model.Signature.Outputs.Select(spec => CreateOutput(model, spec, maxBatch)) },
            DynamicBatching = maxBatch == 0 ? null : new ModelDynamicBatching
            {
                PreferredBatchSize = { batching.PreferredSizes },
                MaxQueueDelayMicroseconds = (ulong)batching.MaxDelay.TotalMicroseconds,
            },
        };
    }

    private static ModelInput CreateInput(Model model, TensorSpec spec, int maxBatch) => new()
    {
        Name = spec.Name,
        DataType = TypeOf(spec),
        Format = FormatOf(model.Image),
        Dims = { ConfigurationWriter.Dims(spec, maxBatch).ToArray() },
        Reshape = CreateReshape(spec, ConfigurationWriter.FindInput(model, spec), maxBatch),
    };

    private static ModelOutput CreateOutput(Model model, TensorSpec spec, int maxBatch)
    {
        var declared = ConfigurationWriter.FindOutput(model, spec);
        return new ModelOutput
        {
            Name = spec.Name,
            DataType = TypeOf(spec),
            Dims = { ConfigurationWriter.Dims(spec, maxBatch).ToArray() },
            LabelFilename = declared?.LabelFile ?? "",
            Reshape = CreateReshape(spec, declared, maxBatch),
        };
    }

    private static ModelTensorReshape? CreateReshape(TensorSpec spec, DeclaredTensor? declared, int maxBatch) =>
        ConfigurationWriter.ReshapeOf(spec, declared, maxBatch) is { } shape ? new ModelTensorReshape { Shape = { shape } } : null;

    private static ModelVersionPolicy CreatePolicy(VersionPolicy policy) => policy switch
    {
        { LatestCount: { } count } => new ModelVersionPolicy { Latest = new ModelVersionPolicy.Types.Latest { NumVersions = (uint)count } },
        { Numbers.IsEmpty: true } => new ModelVersionPolicy { All = new ModelVersionPolicy.Types.All() },
        _ => new ModelVersionPolicy { Specific = new ModelVersionPolicy.Types.Specific { Versions = { policy.Numbers } } },
    };

    private static ModelInput.Types.Format FormatOf(ImageSettings? image) => image?.Layout switch
    {
        ImageLayout.Nchw => ModelInput.Types.Format.Nchw,
        ImageLayout.Nhwc => ModelInput.Types.Format.Nhwc,
        null => ModelInput.Types.Format.None,
    };

    public static Messages.ModelStatistics CreateStatistics(ModelId id, Counts statistics)
    {
        var (runs, requests) = (statistics.Runs, statistics.Success.Count);
        return new Messages.ModelStatistics
        {
            Name = id.Name.Value,
            Version = id.Version.ToString(CultureInfo.InvariantCulture),
            LastInference = (ulong)(statistics.LastInference?.ToUnixTimeMilliseconds() ?? 0),
            InferenceCount = (ulong)runs.Sum(run => run.BatchSize * run.Infer.Count),
            ExecutionCount = (ulong)runs.Sum(run => run.Infer.Count),
            InferenceStats = new InferStatistics
            {
                Success = CreateDuration(requests, statistics.Success.Total),
                Fail = CreateDuration(statistics.Failure.Count, statistics.Failure.Total),
                Queue = CreateDuration(requests, statistics.QueueTime),
                ComputeInput = CreateDuration(requests, statistics.InputTime),
                ComputeInfer = CreateDuration(requests, statistics.InferTime),
                ComputeOutput = CreateDuration(requests, statistics.OutputTime),
            },
            BatchStats = { runs.Select(CreateBatch) },
        };
    }

    private static InferBatchStatistics CreateBatch(RunStatistics run) => new()
    {
        BatchSize = (ulong)run.BatchSize,
        ComputeInput = CreateDuration(run.Infer.Count, run.Input.Total),
        ComputeInfer = CreateDuration(run.Infer.Count, run.Infer.Total),
        ComputeOutput = CreateDuration(run.Infer.Count, run.Output.Total),
    };

    private static StatisticDuration CreateDuration(long count, TimeSpan total) =>
        new() { Count = (ulong)count, Ns = (ulong)total.Ticks * NanosecondsPerTick };

    private static DataType TypeOf(TensorSpec spec) => spec.Type switch
    {
        ElementType.Bool => DataType.TypeBool,
        ElementType.UInt8 => DataType.TypeUint8,
        ElementType.UInt16 => DataType.TypeUint16,
        ElementType.UInt32 => DataType.TypeUint32,
        ElementType.UInt64 => DataType.TypeUint64,
        ElementType.Int8 => DataType.TypeInt8,
        ElementType.Int16 => DataType.TypeInt16,
        ElementType.Int32 => DataType.TypeInt32,
        ElementType.Int64 => DataType.TypeInt64,
        ElementType.Float16 => DataType.TypeFp16,
        ElementType.BFloat16 => DataType.TypeBf16,
        ElementType.Float32 => DataType.TypeFp32,
        ElementType.Float64 => DataType.TypeFp64,
        ElementType.Bytes => DataType.TypeString,
    };
}
