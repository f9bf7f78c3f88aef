namespace Inference.Onnx.Crash;

/// <summary>The work of a thread on a model version, as one number that a single instruction can write.</summary>
/// <param name="Value">The number; zero for no work.</param>
internal readonly record struct JournalWork(int Value)
{
    private const int ActivityBits = 8;

    /// <param name="versionIndex">The index of the version's entry in the journal's table of versions.</param>
    public JournalWork(int versionIndex, ModelActivity activity)
        : this((versionIndex << ActivityBits) | (int)activity)
    {
    }

    /// <summary>The index of the version's entry in the journal's table of versions.</summary>
    public int VersionIndex => Value >> ActivityBits;

    public ModelActivity Activity => (ModelActivity)(Value & ((1 << ActivityBits) - 1));
}

/// <summary>The kind of work of native code on a model.</summary>
internal enum ModelActivity
{
    None,
    Loading,

    /// <summary>The optimized graph is created, or generated inputs are run for a measurement.</summary>
    Preparing,
    Running,
    Unloading,
}
