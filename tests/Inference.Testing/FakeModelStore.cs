using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository;
using Inference.Repository.Trust;

namespace Inference.Testing;

/// <summary>A store in memory that counts its calls. A test can delay the calls, or make them fail.</summary>
public sealed class FakeModelStore : IModelStore
{
    private readonly Lock _gate = new();
    private readonly List<ModelVersion> _versions = [];
    private readonly Dictionary<ModelName, string> _settings = [];
    private readonly Dictionary<ModelName, string> _failures = [];

    private int _listCount;
    private int _fetchCount;
    private int _settingsReadCount;
    private int _openCount;

    public int ListCount => _listCount;

    public int FetchCount => _fetchCount;

    public int SettingsReadCount => _settingsReadCount;

    public int OpenCount => _openCount;

    /// <summary>The exception that every call except <see cref="ThrowIfChangedAsync"/> throws; null for none.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The exception that <see cref="ReadSettingsAsync"/> throws; null for none.</summary>
    public Exception? SettingsFailure { get; set; }

    /// <summary>The exception that <see cref="OpenAsync"/> throws; null for none.</summary>
    public Exception? OpenFailure { get; set; }

    public string? LabelsPath { get; init; }

    /// <summary>The time at which the settings of all models were signed; null for unsigned settings.</summary>
    public DateTimeOffset? SignedAt { get; set; }

    /// <summary>
    /// The earliest time at which the settings of a fetched version must have been signed; null when any settings are accepted.
    /// </summary>
    public DateTimeOffset? SettingsSignedAt { get; set; }

    /// <summary>The task that each fetch waits for.</summary>
    public Task FetchGate { set => OnFetch = token => value.WaitAsync(token); }

    /// <summary>The operation that each fetch runs before it returns.</summary>
    public Func<CancellationToken, Task> OnFetch { get; set; } = _ => Task.CompletedTask;

    public FakeModelStore Add(string name, long version = 1, string tag = "a", long size = 100)
    {
        lock (_gate)
        {
            _versions.RemoveAll(known => known.Id == TestModels.Id(name, version));
            _versions.Add(new ModelVersion(TestModels.Id(name, version), tag, size));
        }

        return this;
    }

    public FakeModelStore Remove(string name, long version)
    {
        lock (_gate)
            _versions.RemoveAll(known => known.Id == TestModels.Id(name, version));
        return this;
    }

    /// <summary>Simulates a write of the same content to the files of a version. The tag is a number, which keeps its value.</summary>
    public FakeModelStore Rewrite(string name, long version)
    {
        lock (_gate)
        {
            var index = _versions.FindIndex(known => known.Id == TestModels.Id(name, version));
            _versions[index] = _versions[index] with { Tag = "0" + _versions[index].Tag };
        }

        return this;
    }

    /// <summary>Makes the listing of one model fail.</summary>
    /// <param name="reason">The reason; null when the model can be listed again.</param>
    public FakeModelStore Fail(string name, string? reason)
    {
        lock (_gate)
        {
            if (reason is null)
                _failures.Remove(ModelName.Parse(name));
            else
                _failures[ModelName.Parse(name)] = reason;
        }

        return this;
    }

    /// <param name="json">The content of model.json; null removes the file.</param>
    public FakeModelStore Configure(string name, string? json)
    {
        lock (_gate)
        {
            if (json is null)
                _settings.Remove(ModelName.Parse(name));
            else
                _settings[ModelName.Parse(name)] = json;
        }

        return this;
    }

    public Task<ModelListing> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _listCount);
        ThrowIfBroken();
        lock (_gate)
        {
            var versions = _versions.Where(version => (name is null || version.Id.Name == name) && !_failures.ContainsKey(version.Id.Name));
            return Task.FromResult(new ModelListing([.. versions], new Dictionary<ModelName, string>(_settings))
            {
                Failures = _failures.Where(failure => name is null || failure.Key == name).ToDictionary(),
            });
        }
    }

    public Task<ModelConfiguration> ReadSettingsAsync(ModelName name, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _settingsReadCount);
        ThrowIfBroken();
        if (SettingsFailure is { } failure)
            throw failure;
        lock (_gate)
        {
            var files = new SettingsFile(ModelSettings.FileName, Encoding.UTF8.GetBytes(_settings[name]));
            return Task.FromResult(ModelConfigurationReader.Read(name, [files], TrustPolicy.Default) with { SignedAt = SignedAt });
        }
    }

    public async Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _fetchCount);
        ThrowIfBroken();
        await OnFetch(cancellationToken);
        await ThrowIfChangedAsync(version, cancellationToken);
        return new ModelFiles(version.Tag, LabelsPath) { SettingsSignedAt = SettingsSignedAt };
    }

    /// <summary>Opens a file whose content is the version's tag.</summary>
    public Task<Stream?> OpenAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _openCount);
        ThrowIfBroken();
        if (OpenFailure is { } failure)
            throw failure;
        return Task.FromResult<Stream?>(new MemoryStream(Encoding.UTF8.GetBytes(version.Tag)));
    }

    public Task ThrowIfChangedAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _versions.Contains(version) ? Task.CompletedTask
                : throw new InferenceException(InferenceError.ModelUnavailable, "changed") { RetryAfter = TimeSpan.Zero };
        }
    }

    private void ThrowIfBroken()
    {
        if (Failure is { } failure)
            throw failure;
    }
}
