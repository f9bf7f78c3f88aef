using System.Collections.Immutable;

namespace Inference.Models;

/// <summary>What is known of a model once it is loaded; outlives its session.</summary>
/// <param name="Labels">Class labels in the order of the output's last dimension; empty when the model has none.</param>
public sealed record Model(ModelId Id, ModelSignature Signature, ImmutableArray<string> Labels);
