using Inference.Catalog;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Testing;

/// <summary>Memory budgets in which a model takes what its files do.</summary>
public static class TestBudget
{
    public static MemoryBudget Unlimited() => Of(long.MaxValue / 2);

    public static MemoryBudget Of(long bytes) => new(bytes, available: long.MaxValue / 2, () => 0, NullLogger<MemoryBudget>.Instance);
}
