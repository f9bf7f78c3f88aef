using System.Globalization;

namespace Inference.Testing;

/// <summary>How far the fuzz tests go.</summary>
public static class Fuzzing
{
    /// <summary>Mutated inputs for each codec. FUZZ_ITERATIONS sets another number, for a long run.</summary>
    public static int Iterations { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("FUZZ_ITERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var iterations) ? iterations : 20_000;

    /// <summary>
    /// What a mutated input may take of the managed heap, which has not even a kilobyte itself: memory is for what is there, not for what
    /// is claimed.
    /// </summary>
    public const long MaxBytes = 1 << 20;

    /// <summary>The same inputs each time.</summary>
    public static Random Random() => new(20_261_123);
}
