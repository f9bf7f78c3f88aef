using Inference.Models;

namespace Inference.Testing;

/// <summary>A store in memory that counts what it is asked and can be held up or broken.</summary>
public sealed class FakeModelStore : IModelStore
{
    private readonly Lock _gate = new();
    private readonly List<ModelVersion> _versions = [];

    private int _lists;
    private int _fetches;

    public int Lists => _lists;

    public int Fetches => _fetches;

    /// <summary>Thrown by every call while it is set.</summary>
    public Exception? Failure { get; set; }

    public string? LabelsPath { get; init; }

    /// <summary>What a fetch waits for.</summary>
    public Task Gate { set => Fetching = token => value.WaitAsync(token); }

    /// <summary>What a fetch does before it answers.</summary>
    public Func<CancellationToken, Task> Fetching { get; set; } = _ => Task.CompletedTask;

    public FakeModelStore Add(string name, long version = 1, string tag = "a")
    {
        lock (_gate)
        {
            _versions.RemoveAll(known => known.Id == TestModels.Id(name, version));
            _versions.Add(new ModelVersion(TestModels.Id(name, version), tag, Size: 100));
        }

        return this;
    }

    public void Remove(string name, long version)
    {
        lock (_gate)
            _versions.RemoveAll(known => known.Id == TestModels.Id(name, version));
    }

    public Task<IReadOnlyList<ModelVersion>> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        ThrowIfBroken();
        lock (_gate)
            return Task.FromResult<IReadOnlyList<ModelVersion>>([.. _versions.Where(version => name is null || version.Id.Name == name)]);
    }

    public async Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _fetches);
        ThrowIfBroken();
        await Fetching(cancellationToken);
        lock (_gate)
        {
            if (!_versions.Contains(version))
                throw new InferenceException(InferenceError.ModelUnavailable, "changed") { RetryAfter = TimeSpan.Zero };
        }

        return new ModelFiles(version.Tag, LabelsPath);
    }

    private void ThrowIfBroken()
    {
        if (Failure is { } failure)
            throw failure;
    }
}
