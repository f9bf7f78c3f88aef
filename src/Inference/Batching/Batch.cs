using System.Diagnostics.CodeAnalysis;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Batching;

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

    /// <summary>The time after which nobody waits for any of it.</summary>
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
