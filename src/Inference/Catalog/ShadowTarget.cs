using Inference.Diagnostics;

namespace Inference.Catalog;

/// <summary>The shadow of a model: the version that also runs the requests of other versions.</summary>
/// <param name="Settings">The settings in force, for the load of the shadow.</param>
/// <param name="Counts">The counts of comparisons since the version became the shadow.</param>
internal sealed record ShadowTarget(ModelSlot Slot, ServedSettings Settings, ShadowCounts Counts);
