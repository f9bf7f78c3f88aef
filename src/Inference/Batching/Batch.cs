using System.Diagnostics.CodeAnalysis;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>The requests, or parts of requests, of one run.</summary>
[SuppressMessage("Design", "CA1001",
    Justification = "The source has no timer or wait handle to dispose. It must stay usable, because a caller may cancel after the run.")]
internal sealed class Batch(List<BatchPart> parts)
{
    private readonly CancellationTokenSource _abandonSource = new();

    public IReadOnlyList<BatchPart> Parts => parts;

    /// <summary>Cancelled when no caller waits for any part of the batch.</summary>
    public CancellationToken Abandoned => _abandonSource.Token;

    /// <summary>The indices of the requested outputs in the signature. They are the same for all requests of a batch.</summary>
    public int[] Outputs => parts[0].Request.Outputs;

    /// <summary>The layout of the items. A request without a layout runs as it was sent, in a batch of its own.</summary>
    public BatchLayout Layout => parts[0].Request.Layout!;

    /// <summary>The number of items of all parts.</summary>
    public int ItemCount => parts.Sum(part => part.Count);

    /// <summary>The latest deadline of the requests, after which no caller waits for the batch.</summary>
    public Deadline Deadline
    {
        get
        {
            var latest = parts[0].Request.Deadline;
            for (var i = 1; i < parts.Count; i++)
                latest = Deadline.Latest(latest, parts[i].Request.Deadline);
            return latest;
        }
    }

    /// <summary>Whether any request of the batch has not ended.</summary>
    public bool HasCallers => parts.Exists(part => !part.Request.HasEnded);

    public void Abandon() => _abandonSource.Cancel();

    /// <summary>Joins the items of all parts into one tensor per input. The caller disposes the tensors.</summary>
    /// <param name="padding">The padding for rows of different lengths; null when all rows have one length.</param>
    public Tensor[] JoinInputs(Padding? padding) => TensorArrays.Create(
        parts[0].Request.Inputs.Length, (Batch: this, padding), static (state, inputIndex) => state.Batch.Join(inputIndex, state.padding));

    private Tensor Join(int inputIndex, Padding? padding)
    {
        var axis = Layout.Inputs[inputIndex];
        // The input is copied, because the requests release their memory before the run.
        if (axis == BatchLayout.Shared)
            return parts[0].Request.Inputs[inputIndex].Copy();
        if (axis > 0)
            return TensorSlices.Join(parts.ConvertAll(part => part.GetSlices(inputIndex)), axis);
        var rows = parts.ConvertAll(part => part.GetRows(inputIndex));
        return padding?.Join(inputIndex, rows) ?? Tensor.Concatenate(rows);
    }
}
