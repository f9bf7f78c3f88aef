using Inference.Models;
using Inference.Models.Contracts;

namespace Inference.Catalog;

/// <summary>The version, files, settings and contract that a load works from.</summary>
/// <param name="Settings">The settings in force when the load began.</param>
/// <param name="Contract">The contract from the last load of these files; null before the first load.</param>
internal sealed record LoadSource(ModelVersion Version, ModelFiles Files, ServedSettings Settings, BatchContract? Contract);
