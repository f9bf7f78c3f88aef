using Inference.Diagnostics;

namespace Inference.Catalog;

/// <summary>The version of a model that also runs the requests which other versions answer.</summary>
/// <param name="Settings">The settings in force, for the load of the shadow.</param>
/// <param name="Counts">The comparisons since the version became the shadow.</param>
internal sealed record ShadowTarget(ModelSlot Slot, ServedSettings Settings, ShadowCounts Counts);
