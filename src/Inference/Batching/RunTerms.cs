using System.Collections.Immutable;
using Inference.Diagnostics;
using Inference.Serving;

namespace Inference.Batching;

/// <summary>What a request asks of its runs, beside its inputs and outputs.</summary>
/// <param name="Priority">0 is the most important.</param>
/// <param name="Deadline">The time stamp at which its token will be cancelled, if that is known.</param>
/// <param name="Trace">Null when it is not traced.</param>
/// <param name="RowLengths"><see cref="PredictionRequest.RowLengths"/>; default or empty when every row is content.</param>
internal readonly record struct RunTerms(
    int Priority = 0, long? Deadline = null, PredictionTrace? Trace = null, ImmutableArray<int> RowLengths = default);
