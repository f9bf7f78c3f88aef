using System.Diagnostics.CodeAnalysis;
using Inference.Tensors;

namespace Inference.Batching;

/// <summary>Items of one request in one batch.</summary>
/// <param name="IsWhole">Whether they are all of the request's.</param>
/// <param name="Attempt">The request's attempt that the part belongs to.</param>
internal readonly record struct BatchPart(QueuedRequest Request, int Start, int Count, bool IsWhole, int Attempt)
{
    /// <summary>One input's rows: the caller's tensor itself, or a view of it.</summary>
    public Tensor Rows(int input) => IsWhole ? Request.Inputs[input] : Request.Inputs[input].Rows(Start, Count);
}

/// <summary>What one run of the model computes.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer or wait handle holds nothing to dispose, and the last caller may leave after the end.")]
internal sealed class Batch(List<BatchPart> parts)
{
    private readonly CancellationTokenSource _abandon = new();

    public IReadOnlyList<BatchPart> Parts => parts;

    /// <summary>Fires when nobody waits for any of it.</summary>
    public CancellationToken Abandoned => _abandon.Token;

    public int[] Outputs => parts[0].Request.Outputs;

    public int Items => parts.Sum(part => part.Count);

    /// <summary>The time stamp after which nobody waits for any of it; null when somebody waits for as long as it takes.</summary>
    public long? Deadline => parts.Exists(part => part.Request.Deadline is null) ? null : parts.Max(part => part.Request.Deadline);

    public bool HasCallers => parts.Exists(part => !part.Request.HasEnded);

    public void Abandon() => _abandon.Cancel();

    /// <summary>The parts' rows as one tensor an input, for the caller to dispose.</summary>
    public Tensor[] JoinInputs(Padding? padding)
    {
        var joined = new Tensor[parts[0].Request.Inputs.Length];
        try
        {
            for (var input = 0; input < joined.Length; input++)
            {
                var rows = parts.ConvertAll(part => part.Rows(input));
                joined[input] = padding?.Join(input, rows) ?? Tensor.Concatenate(rows);
            }

            return joined;
        }
        catch
        {
            joined.DisposeAll();
            throw;
        }
    }
}
