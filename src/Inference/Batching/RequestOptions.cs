using System.Collections.Immutable;
using Inference.Diagnostics;
using Inference.Models;

namespace Inference.Batching;

/// <summary>The properties of a request besides its inputs and outputs.</summary>
/// <param name="Priority">The priority; 0 is the most important.</param>
/// <param name="Deadline">The time at which the request's cancellation token is cancelled; default when the time is unknown.</param>
/// <param name="Trace">The trace of the request; null when it is not traced.</param>
/// <param name="RowLengths">
/// The number of elements before the padding in each row of the inputs; default or empty when no row has padding.
/// </param>
/// <param name="IsAdmitted">
/// Whether another part of the same request was admitted already. An overload then does not refuse this part, and a brief run of it waits
/// in the queue.
/// </param>
internal readonly record struct RequestOptions(
    int Priority = 0, Deadline Deadline = default, PredictionTrace? Trace = null, ImmutableArray<int> RowLengths = default,
    bool IsAdmitted = false);
