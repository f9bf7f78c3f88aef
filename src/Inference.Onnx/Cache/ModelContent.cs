namespace Inference.Onnx.Cache;

/// <summary>The identity of a model's content.</summary>
/// <param name="Key">The key of the content: see <see cref="CacheKey.TryReadContent"/>.</param>
/// <param name="ExternalFileNames">The names of the files with external data: see <see cref="ExternalFiles.EscapedNames"/>.</param>
internal sealed record ModelContent(string Key, string ExternalFileNames);
