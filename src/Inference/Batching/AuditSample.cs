using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// One part of a joined batch for an audit: its inputs and its results in the batch. All are copies, because the request ends before the
/// audit.
/// </summary>
internal sealed class AuditSample : IDisposable
{
    /// <param name="index">The position of the part in the batch.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: no memory is left for the copies.</exception>
    public AuditSample(Batch batch, int index)
    {
        Part = batch.Parts[index];
        for (var i = 0; i < index; i++)
            FirstItem += batch.Parts[i].Count;
        OtherItemCount = batch.ItemCount - Part.Count;
        Inputs = new Tensor[Part.Request.Inputs.Length];
        var inputs = Part.CreateInputs();
        try
        {
            for (var i = 0; i < inputs.Length; i++)
                Inputs[i] = inputs[i].Copy();
        }
        catch
        {
            Inputs.DisposeAll();
            throw;
        }
        finally
        {
            if (!Part.IsWhole)
                inputs.DisposeAll();
        }
    }

    public BatchPart Part { get; }

    /// <summary>The position of the part's first item in the batch.</summary>
    public int FirstItem { get; }

    /// <summary>The number of items in the batch that belong to other parts.</summary>
    public int OtherItemCount { get; }

    public Tensor[] Inputs { get; }

    /// <summary>The results of the part in the batch; null while the batch runs, or when no memory was left for the copy.</summary>
    public Tensor[]? Outputs { get; set; }

    public void Dispose()
    {
        Inputs.DisposeAll();
        Outputs?.DisposeAll();
    }
}
