using Inference.Catalog.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Testing;

/// <summary>Creates memory budgets in which a model uses as many bytes as its files have.</summary>
public static class TestBudget
{
    public static MemoryBudget Unlimited() => WithLimit(long.MaxValue / 2);

    /// <param name="time">The clock; null for the system's clock.</param>
    public static MemoryBudget WithLimit(long bytes, TimeProvider? time = null) =>
        new(bytes, processLimit: long.MaxValue / 2, () => 0, time ?? TimeProvider.System, NullLogger<MemoryBudget>.Instance);
}
