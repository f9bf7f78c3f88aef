using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
using Inference.Models.Settings.Versions;
using Inference.Repository.Layout;
using Inference.Repository.ModelJson;

namespace Inference.Repository.Triton;

/// <summary>
/// Reads Triton's <c>config.pbtxt</c> (protobuf's text format of the message ModelConfig, at most <see cref="SettingsFile.MaxSize"/>
/// bytes). Fields without a meaning here become warnings. Contradictions, and fields that require another kind of model, are errors.
/// </summary>
internal static class TritonConfigReader
{
    /// <summary>Reads the content of a <c>config.pbtxt</c>.</summary>
    /// <param name="name">The name of the model, which is also the name of its folder.</param>
    /// <param name="problems">Receives all problems of the fields, or the position of a syntax error.</param>
    internal static TritonConfig Read(ReadOnlySpan<byte> text, ModelName name, ProblemList problems)
    {
        var emptyConfig = new TritonConfig { Settings = ModelSettings.Default };
        if (text.Length > SettingsFile.MaxSize)
        {
            problems.Add(0, 0, "", $"The file has {text.Length} bytes; at most {SettingsFile.MaxSize} are read.");
            return emptyConfig;
        }

        if (TextFormatParser.Parse(text, problems) is not { } fields)
            return emptyConfig;
        var warnings = new ProblemList(TritonConfig.FileName);
        return Read(new TritonFields(fields, "", problems, warnings), name) with { Warnings = warnings.Problems };
    }

    private static TritonConfig Read(TritonFields config, ModelName name)
    {
        CheckKind(config, name);
        CheckResponseSettings(config);
        var file = ReadFile(config);
        config.GetMessage("optimization")?.WarnAboutUnreadFields(TritonIgnored.Optimization);
        foreach (var group in config.GetMessages("instance_group"))
            CheckInstanceGroup(group);

        var maxBatchSize = (int?)config.GetInteger("max_batch_size", 0, BatchingSettings.MaxItems);
        var (batching, timeouts) = TritonBatching.Read(config, maxBatchSize);
        var read = new TritonConfig
        {
            Tensors = new DeclaredTensors(
                TritonConfig.FileName, maxBatchSize, TritonTensors.Read(config, "input"), TritonTensors.Read(config, "output")),
            Settings = new ModelSettings
            {
                File = file,
                Versions = new VersionSettings { Serve = ReadVersionPolicy(config) },
                Batching = batching,
                Execution = new ExecutionSettings { Threads = ReadThreads(config) },
                Lifecycle = new LifecycleSettings { Warmup = ReadWarmup(config) },
                Timeouts = timeouts,
            },
        };
        config.WarnAboutUnreadFields(TritonIgnored.Config);
        return read;
    }

    private static void CheckKind(TritonFields config, ModelName name)
    {
        RequireText("name", name.Value, $"the model's folder is {name}");
        RequireText("platform", "onnxruntime_onnx", "only ONNX models are served");
        RequireText("backend", "onnxruntime", "only ONNX models are served");
        AddProblem("sequence_batching", "Models that keep state between requests are not served.");
        AddProblem("ensemble_scheduling", "Ensembles of models are not served.");
        AddProblem("batch_input", "Inputs that the server makes for a batch are not supported.");
        AddProblem("batch_output", "Outputs that the server divides among the requests of a batch are not supported.");

        void RequireText(string field, string expected, string reason)
        {
            if (config.GetString(field) is { Length: > 0 } text && text != expected)
            {
                config.AddProblem(
                    config.GetField(field)!,
                    $"{ProblemText.Quote(text)} is given, but {reason}. Remove this field, or write \"{expected}\".");
            }
        }

        void AddProblem(string field, string message)
        {
            if (config.GetFields(field) is [var first, ..])
                config.AddProblem(first, message);
        }
    }

    private static string? ReadFile(TritonFields config)
    {
        if (config.GetString(TritonConfig.ModelFileField) is not { Length: > 0 } file)
            return null;
        if (Texts.IsModelFile(file))
            return file;
        config.AddProblem(
            config.GetField(TritonConfig.ModelFileField)!,
            $"{ProblemText.Quote(file)} is given; the name of an {OnnxFileName.Extension} file in the version's folder is expected.");
        return null;
    }

    private static void CheckResponseSettings(TritonFields config)
    {
        if (config.GetMessage("model_transaction_policy") is { } transaction)
        {
            if (transaction.GetBoolean("decoupled") is true)
                transaction.AddProblem(transaction.GetField("decoupled")!, "This server sends exactly one response for each request.");
            transaction.WarnAboutUnreadFields();
        }

        if (config.GetMessage("response_cache") is { } cache)
        {
            if (cache.GetBoolean("enable") is true)
                cache.AddWarning(cache.GetField("enable")!, "Ignored: responses are not cached.");
            cache.WarnAboutUnreadFields();
        }
    }

    /// <summary>Checks the instance group. A model for a GPU is accepted, because its results on a CPU are the same.</summary>
    private static void CheckInstanceGroup(TritonFields group)
    {
        const int Gpu = 1;
        if (group.GetEnum("kind", ["KIND_AUTO", "KIND_GPU", "KIND_CPU", "KIND_MODEL"]) == Gpu)
            group.AddWarning(group.GetField("kind")!, "Ignored: the model runs on the CPU.");
        if (group.GetInteger("count", 0, int.MaxValue) > 1)
            group.AddWarning(group.GetField("count")!, $"Ignored: {TritonIgnored.InstanceGroup["count"]}");
        group.WarnAboutUnreadFields(TritonIgnored.InstanceGroup);
    }

    private static VersionPolicy ReadVersionPolicy(TritonFields config)
    {
        if (config.GetMessage("version_policy") is not { } policy)
            return VersionPolicy.Latest(1);
        string[] choices = ["latest", "all", "specific"];
        var chosen = choices.Where(choice => policy.GetField(choice) is not null).ToList();
        if (chosen.Count > 1)
        {
            policy.AddProblem(
                policy.GetField(chosen[1])!, $"\"{chosen[0]}\" is given too; a policy is one of {string.Join(", ", choices)}.");
        }

        var count = (int?)policy.GetMessage("latest")?.GetInteger("num_versions", 0, VersionPolicy.MaxLatest);
        var specific = policy.GetMessage("specific");
        var numbers = specific?.GetIntegers("versions", 1, long.MaxValue).Distinct().Order().ToImmutableArray() ?? [];
        policy.WarnAboutUnreadFields();
        if (specific?.GetFields("versions").Count == 0)
            policy.AddProblem(policy.GetField("specific")!, "No version is listed. List at least one in \"versions\".");
        return chosen is ["all"] ? VersionPolicy.All
            : !numbers.IsEmpty ? VersionPolicy.Specific(numbers)
            : VersionPolicy.Latest(Math.Max(1, count ?? 1));
    }

    /// <summary>Reads the number of threads, which is the only supported parameter of Triton's ONNX Runtime backend.</summary>
    private static int? ReadThreads(TritonFields config)
    {
        const string Threads = "intra_op_thread_count";
        int? threads = null;
        foreach (var parameter in config.GetMessages("parameters"))
        {
            var key = parameter.GetString("key") ?? "";
            var value = parameter.GetMessage("value");
            var text = value?.GetString("string_value");
            value?.WarnAboutUnreadFields();
            parameter.WarnAboutUnreadFields();
            var field = parameter.GetField("key") ?? config.GetFields("parameters")[0];
            if (key != Threads)
            {
                parameter.AddWarning(field, $"Ignored: {ProblemText.Quote(key)} has no meaning here.");
            }
            else if (!int.TryParse(text, out var number) || number is < 0 or > ExecutionSettings.MaxThreads)
            {
                parameter.AddProblem(field,
                    $"{Threads} is {ProblemText.Quote(text ?? "")}; a whole number from 0 to {ExecutionSettings.MaxThreads} is expected.");
            }
            else if (number > 0)
            {
                threads = number;
            }
        }

        return threads;
    }

    private static ImmutableArray<WarmupSample> ReadWarmup(TritonFields config)
    {
        var samples = ImmutableArray.CreateBuilder<WarmupSample>();
        foreach (var sample in config.GetMessages("model_warmup"))
        {
            samples.Add(new WarmupSample(Request: null, (int)Math.Max(1, sample.GetInteger("count", 0, WarmupSample.MaxCount) ?? 1)));
            sample.WarnAboutUnreadFields(TritonIgnored.Warmup);
        }

        return samples.ToImmutable();
    }
}
