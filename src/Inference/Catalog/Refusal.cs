namespace Inference.Catalog;

/// <summary>Why something that the store has now is not served; what was served before is served on.</summary>
/// <param name="Reason">The reason, for people.</param>
/// <param name="Tried">
/// The store's tags of what was tried, which no look tries again. Null when the store failed rather than the files: every look tries again.
/// </param>
internal sealed record Refusal(string Reason, string? Tried);
