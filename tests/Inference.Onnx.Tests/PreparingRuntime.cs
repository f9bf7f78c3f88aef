using System.Collections.Concurrent;
using System.Collections.Immutable;
using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Files;
using Inference.Models.Settings;
using Inference.Onnx.Preparation;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Onnx.Tests;

/// <summary>
/// The runtime of one process, with a cache that other processes may share. Its clock makes every load slow, so that an optimized graph is
/// worthwhile for every model.
/// </summary>
internal sealed class PreparingRuntime : ILogger<OnnxModelRuntime>, IDisposable
{
    public const int Slots = 2;

    private readonly LoadTime _time = new();
    private readonly OnnxModelRuntime _runtime;

    /// <param name="memory">The memory budget; null for no limit.</param>
    /// <param name="scope">The name of the authority that vouches for the models; empty for no authority.</param>
    /// <param name="trialLimit">The time limit of a trial run; null for a limit that a busy machine does not reach.</param>
    public PreparingRuntime(
        string cache, ISharedFiles? shared = null, MemoryBudget? memory = null, string scope = "", TimeSpan? trialLimit = null) =>
        _runtime = new OnnxModelRuntime(Governor, cache, shared, _time, this)
        {
            MemoryBudget = memory,
            TrustScope = scope,
            TrialLimit = trialLimit ?? WaitLimit.Program,
        };

    public Governor Governor { get; } = new(Slots);

    public ConcurrentQueue<(LogLevel Level, string Text)> Logged { get; } = new();

    /// <summary>The setting of the models that decides whether requests may share runs.</summary>
    public ContractChoice Contract { get; init; } = ContractChoice.Declared;

    /// <summary>The values with which inputs of the models are padded, by input.</summary>
    public ImmutableSortedDictionary<string, float> Padding { get; init; } = BatchingSettings.NoPadding;

    /// <summary>The digest of the signed files; null for unsigned files.</summary>
    public ModelDigest? Digest { get; init; }

    /// <summary>Writes the optimized graph of the model in the first path to the second path.</summary>
    public Action<string, string, CancellationToken> BuildGraph { set => _runtime.BuildGraph = value; }

    /// <summary>The warm-up requests of the models.</summary>
    public ImmutableArray<WarmupSample> Warmup { get; init; } = [];

    public async Task<OnnxSession> LoadAsync(string path, ExecutionSettings? settings = null)
    {
        var all = new ModelSettings
        {
            Execution = settings ?? new ExecutionSettings(),
            Batching = new BatchingSettings { Contract = Contract, Padding = Padding },
            Lifecycle = new LifecycleSettings { Warmup = Warmup },
        };
        using (_time.BeginLoad())
        {
            return (OnnxSession)await _runtime.LoadAsync(
                TestModels.Id("model"), new ModelFiles(path, LabelsPath: null) { Digest = Digest }, all, CancellationToken.None);
        }
    }

    /// <summary>Loads a model, and waits until its preparation has ended and all results are on disk.</summary>
    public async Task<OnnxSession> PrepareAsync(string path, ExecutionSettings? settings = null)
    {
        var session = await LoadAsync(path, settings);
        BeginPreparation();
        await session.Background.WaitAsync(WaitLimit.Step);
        return session;
    }

    public void BeginPreparation() => _time.Advance(ModelPreparation.Delay);

    public static async Task<float> RunAsync(OnnxSession session, float value)
    {
        using var input = OnnxFixture.Floats(new Shape(1), value);
        var outputs = await session.RunAsync([input], [0], CancellationToken.None);
        using var output = outputs[0];
        return output.Values<float>()[0];
    }

    public void Dispose() => Governor.Dispose();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logged.Enqueue((logLevel, formatter(state, exception)));

    /// <summary>A clock that makes every load slow. During a load, each reading of the timestamp advances the clock by 20 ms.</summary>
    private sealed class LoadTime() : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        private long _offset;
        private int _loads;

        public override long GetTimestamp() => base.GetTimestamp()
            + Interlocked.Add(ref _offset, Volatile.Read(ref _loads) > 0 ? TimestampFrequency / 50 : 0);

        public Load BeginLoad()
        {
            Interlocked.Increment(ref _loads);
            return new Load(this);
        }

        public sealed class Load(LoadTime time) : IDisposable
        {
            public void Dispose() => Interlocked.Decrement(ref time._loads);
        }
    }
}
