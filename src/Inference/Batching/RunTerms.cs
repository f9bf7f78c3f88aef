using System.Collections.Immutable;
using Inference.Diagnostics;
using Inference.Models;

namespace Inference.Batching;

/// <summary>The terms of a request beside its inputs and outputs.</summary>
/// <param name="Priority">0 is the most important.</param>
/// <param name="Deadline">The time at which its token fires, if that is known.</param>
/// <param name="Trace">Null when the request is not traced.</param>
/// <param name="RowLengths">
/// The length of the content in each row of the inputs, where the rest is padding; default or empty when every row is content.
/// </param>
/// <param name="IsAdmitted">
/// Whether this is a part of a request of which another part has been admitted, so that an overload does not refuse it.
/// </param>
internal readonly record struct RunTerms(
    int Priority = 0, Deadline Deadline = default, PredictionTrace? Trace = null, ImmutableArray<int> RowLengths = default,
    bool IsAdmitted = false);
