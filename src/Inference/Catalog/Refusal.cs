namespace Inference.Catalog;

/// <summary>Why the store's current files or settings are not served. The earlier files or settings stay in service.</summary>
/// <param name="Reason">The reason, for people.</param>
/// <param name="RefusedTag">
/// The store's tags of the refused files, which are not tried again. Null when the store failed, so that every check retries. Also null
/// when the files are not trusted, because untrusted files are tried again after each write.
/// </param>
internal sealed record Refusal(string Reason, string? RefusedTag)
{
    /// <summary>Whether the files failed their verification in this try.</summary>
    public bool IsTrustFailure { get; init; }
}
