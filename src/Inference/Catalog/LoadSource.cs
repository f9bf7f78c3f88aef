using Inference.Models;
using Inference.Models.Contracts;

namespace Inference.Catalog;

/// <summary>The source of a version's load.</summary>
/// <param name="Settings">The settings in force when the load began.</param>
/// <param name="Contract">The contract of the last load of these files; null before the first.</param>
internal sealed record LoadSource(ModelVersion Version, ModelFiles Files, ServedSettings Settings, BatchContract? Contract);
