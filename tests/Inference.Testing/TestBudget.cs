using Inference.Catalog.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Testing;

/// <summary>Memory budgets in which a model takes what its files do.</summary>
public static class TestBudget
{
    public static MemoryBudget Unlimited() => Of(long.MaxValue / 2);

    /// <param name="time">Null: the system's.</param>
    public static MemoryBudget Of(long bytes, TimeProvider? time = null) =>
        new(bytes, available: long.MaxValue / 2, () => 0, time ?? TimeProvider.System, NullLogger<MemoryBudget>.Instance);
}
