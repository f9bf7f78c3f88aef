namespace Inference.Models;

/// <summary>
/// What runs have shown against a <see cref="BatchContract"/>, through all loads of the same files under the same settings. Thread-safe.
/// </summary>
internal sealed class ContractRecord
{
    /// <summary>The number of differing items that ends a contract. A single one can be a fault of the machine.</summary>
    public const int MaxDifferences = 2;

    private string? _violation;
    private int _differences;

    /// <summary>What ended the contract; null while it holds.</summary>
    public string? Violation => Volatile.Read(ref _violation);

    /// <returns>False when it had ended before.</returns>
    public bool TryEnd(string violation) => Interlocked.CompareExchange(ref _violation, violation, null) is null;

    /// <returns>The number of differences, this one included.</returns>
    public int CountDifference() => Interlocked.Increment(ref _differences);
}
