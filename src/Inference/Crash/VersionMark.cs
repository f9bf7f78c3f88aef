namespace Inference.Crash;

/// <summary>The kinds of records of a version.</summary>
public enum VersionMark
{
    /// <summary>The version crashed a process or failed its trial. The version is not loaded.</summary>
    Quarantined,

    /// <summary>A process was killed while it loaded the version. If the next load is killed too, the version is quarantined.</summary>
    Suspected,

    /// <summary>
    /// A process died while it created the optimized graph of the version, or measured its plan. The version is loaded, but not prepared
    /// again.
    /// </summary>
    PreparationFailed,

    /// <summary>The version passed its trial.</summary>
    TrialPassed,
}
