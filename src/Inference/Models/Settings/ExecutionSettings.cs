namespace Inference.Models.Settings;

/// <summary>Settings for the use of processors and memory by runs.</summary>
public sealed record ExecutionSettings
{
    public const int MaxThreads = 1024;

    /// <summary>The threads that one run may take; those beyond the first only find work on processors that nothing else wants.</summary>
    /// <value>Default: null, what measuring the model finds best. 1 to <see cref="MaxThreads"/>.</value>
    public int? Threads { get; init; }

    /// <value>Default: <see cref="MemoryProfile.Balanced"/>.</value>
    public MemoryProfile MemoryProfile { get; init; } = MemoryProfile.Balanced;
}
