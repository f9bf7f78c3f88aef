namespace Inference.Catalog;

/// <summary>Why the store's current files or settings are not served. The earlier files or settings stay in service.</summary>
/// <param name="Reason">The reason, for people.</param>
/// <param name="RefusedTag">
/// The store's tags of the refused files or settings. The same files or settings are not tried again while the store has these tags. Null
/// when the store failed, so that every check retries. Also null when the files are not trusted, because untrusted files are tried again
/// after each write to them.
/// </param>
internal sealed record Refusal(string Reason, string? RefusedTag)
{
    /// <summary>Whether the files were verified for this refusal, and failed the verification.</summary>
    public bool IsTrustFailure { get; init; }
}
