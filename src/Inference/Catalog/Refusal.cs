namespace Inference.Catalog;

/// <summary>Why the store's current files or settings are not served. The earlier files or settings stay in service.</summary>
/// <param name="Reason">The reason, for people.</param>
/// <param name="Tried">
/// The store's tags of the refused files, which are not tried again. Null when the store failed rather than the files, so that every check
/// retries, and when the files are not trusted. Those are tried again after each write.
/// </param>
internal sealed record Refusal(string Reason, string? Tried)
{
    /// <summary>Whether the files failed their verification in this try.</summary>
    public bool IsOfTrust { get; init; }
}
