namespace Inference.Repository.Trust;

/// <summary>A file in a manifest.</summary>
/// <param name="Name">The name relative to the version's folder, with <c>/</c> between folders.</param>
/// <param name="Sha256">The digest as 64 lower-case hexadecimal digits.</param>
/// <param name="Line">The line in the manifest, from 1; 0 for an entry of a signed statement.</param>
public sealed record ManifestEntry(string Name, string Sha256, int Line);
