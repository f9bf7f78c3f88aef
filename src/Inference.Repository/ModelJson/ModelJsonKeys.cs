using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;

namespace Inference.Repository.ModelJson;

/// <summary>
/// Defines every key of <c>model.json</c> in one place: its name, kind, default, property and meaning. The reader,
/// <c>models/model.schema.json</c> and the tables in <c>docs/models-settings.md</c> are derived from these definitions. The definitions are
/// created when the first file is read. In the lambdas, <c>old</c> is the object before the value is set.
/// </summary>
internal static partial class ModelJsonKeys
{
    private static readonly OneOf<bool> Boolean = new(("true", true), ("false", false));

    public static ObjectOf<ModelSettings> Root { get; } = new(ModelSettings.Default)
    {
        { "$schema", Texts.Any("the address of a schema"), "", (old, _) => old, "The address of this schema, for editors." },
        { "file", ModelFile, "model.onnx, or the only model file of the version", (old, value) => old with { File = value },
            "The model file of each version, relative to the version's folder, such as `onnx/model_quantized.onnx`." },
        { "versions", Versions, "", (old, value) => old with { Versions = value },
            "The versions that are served, and the version that handles a request that does not name one." },
        { "batching", Batching, "", (old, value) => old with { Batching = value }, "How requests are combined into runs." },
        { "execution", Execution, "", (old, value) => old with { Execution = value }, "How a run uses the machine." },
        { "lifecycle", Lifecycle, "", (old, value) => old with { Lifecycle = value }, "When the model is loaded and unloaded." },
        { "timeouts", Timeouts, "", (old, value) =>
            old with { Timeouts = value }, "The time limits of requests, loads, and runs that test a model." },
        { "limits", Limits, "", (old, value) => old with { Limits = value }, "The limits of one request." },
        { "results", Results, "", (old, value) => old with { Results = value }, "Members that are added to the results." },
        { "remote", Remote, "", (old, value) => old with { Remote = value },
            "The server that runs the model, instead of a model.onnx in the store." },
        { "task", Task, "detected from the files of the model", (old, value) => old with { Task = value },
            "The task of a model with texts or images." },
        { "image", Image, "", old =>
            old.Image, (old, value) => old with { Image = value }, "How a PNG, JPEG or WebP becomes the only input of the model." },
        { "text", Text, "", old => old.Text, (old, value) => old with { Text = value },
            "How text becomes the inputs of the model, and its outputs an embedding or scores. The files are in the version's folder." },
    };

    private static Text<string> ModelFile => new(
        "the name of an .onnx file in the version's folder, with / between folders and without . and ..", Texts.ModelFilePattern,
        text => Texts.IsModelFile(text) ? text : null);

    private static ObjectOf<VersionSettings> Versions => new(new VersionSettings())
    {
        { "serve", new OneOf<VersionPolicy>(("\"all\"", VersionPolicy.All)) { Or = Serve }, "`\"all\"`",
            (old, value) => old with { Serve = value },
            "The versions that are served." },
        { "minimum", new Number<long>(1, long.MaxValue), "`1`", (old, value) => old with { Minimum = value },
            "The lowest version that is loaded. In signed settings, this prevents an attacker from restoring an old version." },
        { "labels", Labels, "none", (old, value) => old with { Labels = value },
            "Names of versions, such as `stable`. A label follows the rules for model names, but must not consist only of digits." },
        { "traffic", Traffic, "all to the highest version",
            (old, value) => old with { Traffic = value },
            "How requests that do not name a version are split. The percentages add up to 100." },
        { "shadow", new VersionReference(), "none", (old, value) => old with { Shadow = value },
            "A version that also runs the requests that do not name one. Its results are compared and never returned." },
    };

    /// <summary>The keys of <c>versions.json</c>: the keys of <c>versions</c> in <c>model.json</c> that change often.</summary>
    public static ObjectOf<VersionSettings> VersionsFile { get; } = new(new VersionSettings())
    {
        { "$schema", Texts.Any("the address of a schema"), "", (old, _) => old, "The address of a schema, for editors." },
        { "labels", Labels, "none", (old, value) => old with { Labels = value }, "Names of versions." },
        { "traffic", Traffic, "all to the highest version", (old, value) => old with { Traffic = value }, "How requests are split." },
        { "shadow", new VersionReference(), "none", (old, value) => old with { Shadow = value }, "A version whose results are compared." },
    };

    private static MapOf<long> Labels =>
        new("an object of labels and version numbers", Texts.Label, Texts.VersionNumber, StringComparer.Ordinal);

    private static ArrayOf<TrafficShare> Traffic => new("an array of versions and percentages", Share);

    private static ObjectOf<VersionPolicy> Serve => new(
        VersionPolicy.All, "\"all\", {\"latest\": 2} or {\"specific\": [1, 3]}", takesOneKey: true)
    {
        { "latest", new Number<int>(1, VersionPolicy.MaxLatest), "none", (_, value) => VersionPolicy.Latest(value),
            "The number of the highest versions that are served." },
        { "specific", Distinct<long>("an array of version numbers", long.MaxValue), "none",
            (_, value) => VersionPolicy.Specific(value.Sort()), "The version numbers that are served." },
    };

    private static ObjectOf<TrafficShare> Share => new(new TrafficShare(default, 0))
    {
        { "version", new VersionReference(), Key.Required, (old, value) => old with { Version = value },
            "The version that handles the share." },
        { "percent", new Number<int>(0, 100), Key.Required, (old, value) => old with { Percent = value },
            "The share of the requests. 0 lists the version without sending it requests." },
    };

    private static ObjectOf<BatchingSettings> Batching => new(new BatchingSettings())
    {
        { "contract", Names(
                ("proven", ContractChoice.Proven), ("none", ContractChoice.None), ("declared", ContractChoice.Declared)),
            "`\"proven\"`", (old, value) => old with { Contract = value },
            "Who guarantees that the result of an item never depends on the other items of a run: the server's proof, nobody, or the "
            + "owner. Requests share runs only with a guarantee. With `\"none\"`, no other key except `queueLimit` has an effect." },
        { "maxBatch", new Number<int>(1, BatchingSettings.MaxItems), "measured", (old, value) => old with { MaxBatch = value },
            "The maximum number of items in a run of joined or split requests. It limits a contract, but does not create one. "
            + "With 1, each item is a run of its own." },
        { "preferredSizes", Distinct<int>("an array of numbers of items", BatchingSettings.MaxItems), "none",
            (old, value) => old with { PreferredSizes = value.Sort() },
            "Numbers of items at which a run starts without waiting for more. Each is different, from 1 to `maxBatch`." },
        { "maxDelay", new Duration(TimeSpan.Zero, BatchingSettings.MaxDelayLimit), "`\"00:00:00\"`",
            (old, value) => old with { MaxDelay = value },
            "How long a run may wait for more items." },
        { "queueLimit", new Number<int>(1, BatchingSettings.MaxQueueLimit), "the server's limit",
            (old, value) => old with { QueueLimit = value },
            "The maximum number of waiting requests. Further requests are refused." },
        { "padding", new MapOf<float>(
                "an object of input names and numbers",
                Texts.Any("the name of an input"),
                new Number<float>(-BatchingSettings.MaxFill, BatchingSettings.MaxFill),
                StringComparer.Ordinal),
            "none", (old, value) => old with { Padding = value },
            "The values that pad inputs of dynamic length, so that requests of different lengths share a run. "
            + $"Each is a number from {-BatchingSettings.MaxFill} to {BatchingSettings.MaxFill}." },
    };

    private static ObjectOf<ExecutionSettings> Execution => new(new ExecutionSettings())
    {
        { "threads", new Number<int>(1, ExecutionSettings.MaxThreads), "measured", (old, value) => old with { Threads = value },
            "The maximum number of threads of one run. Threads beyond the first use only free processors." },
        { "memoryProfile", Names(
                ("latency", MemoryProfile.Latency), ("balanced", MemoryProfile.Balanced), ("lean", MemoryProfile.Lean)),
            "`\"balanced\"`", (old, value) => old with { MemoryProfile = value },
            "The memory that stays allocated between runs: with `latency`, no run waits for memory; with `lean`, little stays." },
    };

    private static ObjectOf<LifecycleSettings> Lifecycle => new(new LifecycleSettings())
    {
        { "preload", Boolean, "`false`", (old, value) => old with { Preload = value },
            "Loads the model when the server starts. The server is not ready before the model is loaded." },
        { "pinned", Boolean, "`false`",
            (old, value) => old with { Pinned = value }, "Never unloads the model to make room for another one." },
        { "idleTimeout", new Duration(LifecycleSettings.MinIdleTimeout, LifecycleSettings.MaxIdleTimeout), "never",
            (old, value) => old with { IdleTimeout = value }, "The time without requests after which the model is unloaded." },
        { "warmup", new OneOf<ImmutableArray<WarmupSample>>(("true", [new WarmupSample(null, 1)]), ("false", []))
            {
                Or = new ArrayOf<WarmupSample>("true, false or an array of samples", Sample),
            },
            "`false`", (old, value) => old with { Warmup = value },
            "Runs after loading, before the first request is handled. `true` is one run with generated inputs." },
    };

    private static ObjectOf<WarmupSample> Sample => new(new WarmupSample(null, 1))
    {
        { "request", new AnyObject("a request body (an object)"), "generated inputs",
            (old, value) => old with { Request = value.Raw, Line = value.Line, Column = value.Column, Path = value.Path },
            "The body of a predict or Open Inference request." },
        { "count", new Number<int>(1, WarmupSample.MaxCount), "`1`",
            (old, value) => old with { Count = value }, "The number of runs of the sample." },
    };

    private static Duration Work => new(TimeoutSettings.MinWork, TimeoutSettings.MaxWork);

    private static ObjectOf<TimeoutSettings> Timeouts => new(new TimeoutSettings())
    {
        { "request", new Duration(TimeoutSettings.MinRequest, TimeoutSettings.MaxRequest), "no limit",
            (old, value) => old with { Request = value },
            "The time limit of a request that does not set its own timeout." },
        { "load", Work, "`\"00:05:00\"`", (old, value) => old with { Load = value },
            "The time limit of the wait for memory, and separately of opening the model. The download is not included." },
        { "warmup", Work, "`\"00:01:00\"`", (old, value) => old with { Warmup = value },
            "The time limit of all warm-up runs together." },
        { "comparison", Work, "`\"00:01:00\"`", (old, value) => old with { Comparison = value },
            "The time limit of the run that tests new files before they replace the files in use." },
    };

    private static ObjectOf<LimitSettings> Limits => new(new LimitSettings())
    {
        { "dimensions", new MapOf<long>(
                "an object of names of dimensions and sizes",
                Texts.Any("the name of a dimension, or an input and an axis such as `x[1]`"),
                new Number<long>(1, int.MaxValue),
                StringComparer.Ordinal),
            "none", (old, value) => old with { Dimensions = value },
            "The largest sizes of dynamic dimensions of the inputs, by the name in the model or by input and axis. A larger request is "
            + "refused." },
    };

    private static ObjectOf<ResultSettings> Results => new(new ResultSettings())
    {
        { "digest", Boolean, "`false`", (old, value) => old with { IncludesDigest = value },
            "Adds `model_digest` to every result: the SHA-256 of the files that computed the result." },
    };

    private static OneOf<T> Names<T>(params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var quoted = new List<(string, T)>();
        foreach (var choice in choices)
            quoted.Add(($"\"{choice.Name}\"", choice.Value));
        return new OneOf<T>([.. quoted]);
    }

    private static ArrayOf<T> Distinct<T>(string expected, long max)
        where T : struct, INumber<T> =>
        new(expected, new Number<T>(1, max)) { Identity = number => number.ToString(null, CultureInfo.InvariantCulture) };
}
