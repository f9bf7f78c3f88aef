namespace Inference.Models.Contracts;

/// <summary>
/// Counts the audits of a <see cref="BatchContract"/> and the differences that they found. All loads of the same files with the same
/// settings share one record. Thread-safe.
/// </summary>
internal sealed class ContractRecord
{
    /// <summary>The number of differing audits that ends a contract. A single difference can be a fault of the machine.</summary>
    public const int MaxDifferences = 2;

    private string? _violation;
    private long _audits;
    private long _failedAudits;
    private long _differences;

    /// <summary>The reason for the end of the contract; null while the contract holds.</summary>
    public string? Violation => Volatile.Read(ref _violation);

    /// <summary>
    /// The number of completed audits. Each one compared a part's results in a joined run with those in a run of its own.
    /// </summary>
    public long Audits => Volatile.Read(ref _audits);

    /// <summary>The number of parts whose separate run failed or took too long, so that no results were compared.</summary>
    public long FailedAudits => Volatile.Read(ref _failedAudits);

    /// <summary>The number of audits with a different result.</summary>
    public long Differences => Volatile.Read(ref _differences);

    /// <summary>Ends the contract.</summary>
    /// <returns>False when the contract had already ended.</returns>
    public bool TryEnd(string violation) => Interlocked.CompareExchange(ref _violation, violation, null) is null;

    /// <summary>Counts an audit that compared results.</summary>
    public void CountAudit() => Interlocked.Increment(ref _audits);

    /// <summary>Counts a part whose separate run failed or took too long.</summary>
    public void CountFailedAudit() => Interlocked.Increment(ref _failedAudits);

    /// <summary>Counts an audit with a different result.</summary>
    /// <returns>The number of differences, including this one.</returns>
    public long CountDifference() => Interlocked.Increment(ref _differences);
}
