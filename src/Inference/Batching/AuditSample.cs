using Inference.Tensors;

namespace Inference.Batching;

/// <summary>
/// One part of a batch, kept for an audit (<see cref="BatchAudit"/>): the inputs of the part, and its results from the run of the batch.
/// All tensors are copies, because the request ends before the audit.
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
        var inputs = Part.CreateInputs();
        try
        {
            Inputs = TensorArrays.Create(inputs.Length, inputs, static (inputs, i) => inputs[i].Copy());
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
