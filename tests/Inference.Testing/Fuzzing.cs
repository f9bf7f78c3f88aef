using System.Globalization;

namespace Inference.Testing;

/// <summary>The limits of the fuzz tests.</summary>
public static class Fuzzing
{
    /// <summary>
    /// The number of mutated inputs for each codec. The environment variable FUZZ_ITERATIONS sets another number, for a long run.
    /// </summary>
    public static int Iterations { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("FUZZ_ITERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var iterations) ? iterations : 20_000;

    /// <summary>
    /// The maximum number of bytes that a codec may allocate for a mutated input, which has less than a kilobyte. A codec must allocate
    /// memory for the bytes that arrive, not for a size that the input claims.
    /// </summary>
    public const long MaxBytes = 1 << 20;

    /// <summary>Creates a generator with a fixed seed, so that every run has the same inputs.</summary>
    public static Random Random() => new(20_261_123);
}
