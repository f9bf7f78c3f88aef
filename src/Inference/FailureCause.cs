namespace Inference;

/// <summary>What has to be corrected before a failed version can load.</summary>
public enum FailureCause
{
    /// <summary>The files of the version.</summary>
    Files,

    /// <summary>The settings of the model.</summary>
    Settings,

    /// <summary>The store, which cannot be read.</summary>
    Store,
}
