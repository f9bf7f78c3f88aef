namespace Inference.Models.Settings;

/// <summary>Settings for the use of processors and memory by runs.</summary>
public sealed record ExecutionSettings
{
    /// <summary>The largest value of <see cref="Threads"/>.</summary>
    public const int MaxThreads = 1024;

    /// <summary>The maximum number of threads of one run. Threads beyond the first only use processors that nothing else needs.</summary>
    /// <value>Default: null, which means the measured optimum. 1 to <see cref="MaxThreads"/>.</value>
    public int? Threads { get; init; }

    /// <summary>The use of memory by the loaded model between its runs.</summary>
    /// <value>Default: <see cref="MemoryProfile.Balanced"/>.</value>
    public MemoryProfile MemoryProfile { get; init; } = MemoryProfile.Balanced;
}
