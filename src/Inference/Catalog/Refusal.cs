namespace Inference.Catalog;

/// <summary>Why the store's current files or settings are not served. The earlier files or settings stay in service.</summary>
/// <param name="Reason">The reason, for people.</param>
/// <param name="Tried">
/// The store's tags of the refused files, which are not tried again. Null when the store failed rather than the files: every check retries
/// then.
/// </param>
internal sealed record Refusal(string Reason, string? Tried);
