using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>Reads the groups of <c>model.json</c>. A group that is there counts whole: what it leaves out has its default.</summary>
internal sealed class GroupReader(SettingsValues values, ReadOnlyMemory<byte> json)
{
    private readonly VersionGroupReader _versions = new(values);
    private readonly RemoteGroupReader _remote = new(values, json);
    private readonly MediaGroupReader _media = new(values);

    public ModelSettings Read(LocatedJson root, ModelSettings settings) => new()
    {
        Versions = Group(root.Find("versions"), SettingsKeys.Versions, settings.Versions, _versions.Read),
        Batching = Group(root.Find("batching"), SettingsKeys.Batching, settings.Batching, ReadBatching),
        Execution = Group(root.Find("execution"), SettingsKeys.Execution, settings.Execution, ReadExecution),
        Lifecycle = Group(root.Find("lifecycle"), SettingsKeys.Lifecycle, settings.Lifecycle, ReadLifecycle),
        Timeouts = Group(root.Find("timeouts"), SettingsKeys.Timeouts, settings.Timeouts, ReadTimeouts),
        Results = Group(root.Find("results"), SettingsKeys.Results, settings.Results, ReadResults),
        Remote = Group(root.Find("remote"), SettingsKeys.Remote, settings.Remote, _remote.Read),
        Image = Group(root.Find("image"), SettingsKeys.Image, settings.Image, _media.ReadImage),
        Text = Group(root.Find("text"), SettingsKeys.Text, settings.Text, _media.ReadText),
    };

    private T Group<T>(LocatedJson? group, string[] keys, T otherwise, Func<LocatedJson, T> read) =>
        group is not null && values.IsObject(group, keys) ? read(group) : otherwise;

    private BatchingSettings ReadBatching(LocatedJson group) => new()
    {
        Contract = values.OneOf(
            group.Find("contract"), ("proven", ContractChoice.Proven), ("none", ContractChoice.None), ("declared", ContractChoice.Declared)),
        MaxBatch = (int?)values.Integer(group.Find("maxBatch"), 1, BatchingSettings.MaxItems),
        PreferredSizes =
        [
            .. values.DistinctIntegers(group.Find("preferredSizes"), "an array of numbers of items", BatchingSettings.MaxItems)
                .Select(size => (int)size),
        ],
        MaxDelay = values.Duration(group.Find("maxDelay"), TimeSpan.Zero, BatchingSettings.MaxDelayLimit) ?? TimeSpan.Zero,
        QueueLimit = (int?)values.Integer(group.Find("queueLimit"), 1, BatchingSettings.MaxQueueLimit),
        Padding = ReadPadding(group.Find("padding")),
    };

    private ImmutableSortedDictionary<string, float> ReadPadding(LocatedJson? value)
    {
        var fills = BatchingSettings.NoPadding.ToBuilder();
        if (value is not null and not { Kind: JsonTokenType.StartObject })
            values.Unexpected(value, "an object of input names and numbers");
        foreach (var fill in value?.Children.Where(child => child.Key is not null) ?? [])
            fills[fill.Key!] = values.Number(fill, -BatchingSettings.MaxFill, BatchingSettings.MaxFill) ?? 0;
        return fills.Count == 0 ? BatchingSettings.NoPadding : fills.ToImmutable();
    }

    private ExecutionSettings ReadExecution(LocatedJson group) => new()
    {
        Threads = (int?)values.Integer(group.Find("threads"), 1, ExecutionSettings.MaxThreads),
        MemoryProfile = ReadMemoryProfile(group.Find("memoryProfile")),
    };

    private MemoryProfile ReadMemoryProfile(LocatedJson? value)
    {
        const string Names = "\"latency\", \"balanced\" or \"lean\"";
        switch (values.String(value, Names))
        {
            case "latency":
                return MemoryProfile.Latency;
            case "lean":
                return MemoryProfile.Lean;
            case null or "balanced":
                return MemoryProfile.Balanced;
            case var other:
                values.Refuse(value!, $"{Wording.Quote(other)} is given; {Names} is expected.");
                return MemoryProfile.Balanced;
        }
    }

    private LifecycleSettings ReadLifecycle(LocatedJson group) => new()
    {
        Preload = values.Boolean(group.Find("preload")),
        Pinned = values.Boolean(group.Find("pinned")),
        IdleTimeout = values.Duration(group.Find("idleTimeout"), LifecycleSettings.MinIdleTimeout, LifecycleSettings.MaxIdleTimeout),
        Warmup = ReadWarmup(group.Find("warmup")),
    };

    private ImmutableArray<WarmupSample> ReadWarmup(LocatedJson? value) => value switch
    {
        null or { Kind: JsonTokenType.False } => [],
        { Kind: JsonTokenType.True } => [new WarmupSample(Request: null, Count: 1)],
        _ => [.. values.Items(value, "true, false or an array of samples").Select(ReadSample)],
    };

    private WarmupSample ReadSample(LocatedJson value)
    {
        if (!values.IsObject(value, SettingsKeys.Warmup))
            return new WarmupSample(Request: null, Count: 1);
        var request = value.Find("request");
        if (request is not null and not { Kind: JsonTokenType.StartObject })
            values.Unexpected(request, "a request body, which is an object,");
        return new WarmupSample(
            request is null ? null : Encoding.UTF8.GetString(json[request.Bytes].Span),
            (int?)values.Integer(value.Find("count"), 1, WarmupSample.MaxCount) ?? 1)
        {
            Line = request?.Line ?? 0,
            Column = request?.Column ?? 0,
            Path = request?.Path ?? "",
        };
    }

    private TimeoutSettings ReadTimeouts(LocatedJson group) => new()
    {
        Request = values.Duration(group.Find("request"), TimeoutSettings.MinRequest, TimeoutSettings.MaxRequest),
    };

    private ResultSettings ReadResults(LocatedJson group) => new() { Digest = values.Boolean(group.Find("digest")) };
}
