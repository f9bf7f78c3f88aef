using System.Text;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols;
using Inference.Protocols.Predictions;

namespace Functions.Queue;

/// <summary>
/// Stores results and creates their messages. Each prediction has one result: the first result that is stored. Messages are created from
/// the stored result, so a request that is delivered again gets the same response.
/// </summary>
public sealed class ResultMessages(PredictionContainer container, PredictionSettings settings)
{
    /// <summary>The initial capacity of a buffer in bytes, enough for most results.</summary>
    private const int InitialCapacity = 4096;

    /// <summary>Returns the message of the stored result.</summary>
    /// <returns>Null when there is no result yet.</returns>
    public async Task<ResultMessage?> FindAsync(PredictionId id, CancellationToken cancellationToken)
    {
        if (await container.ReadAsync(BlobNames.Result(id), MessageSize.Max, cancellationToken).ConfigureAwait(false) is not { } blob)
            return null;
        var content = blob.Content.ToMemory();
        var result = ResultReader.Read(content.Span);
        var text = blob.IsComplete ? Encoding.UTF8.GetString(content.Span)
            : CreateReferenceText(id, result.TraceParent, result.Model!.Value);
        return new ResultMessage(text, result.Failure is not null);
    }

    /// <summary>Stores the result, unless the prediction already has one.</summary>
    /// <param name="write">Writes the result as JSON into a buffer.</param>
    /// <param name="model">The version that ran; null for a failure.</param>
    /// <returns>The message of the stored result.</returns>
    internal async Task<ResultMessage> StoreAsync(
        PredictionId id, string? traceParent, Action<PooledBuffer> write, ModelId? model, CancellationToken cancellationToken)
    {
        using var result = new PooledBuffer(InitialCapacity);
        write(result);
        if (!await container.TryCreateAsync(BlobNames.Result(id), result.Written, cancellationToken).ConfigureAwait(false))
        {
            return await FindAsync(id, cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"The result of {id} was deleted right after it was written.");
        }

        var text = result.Written.Length <= MessageSize.Max
            ? Encoding.UTF8.GetString(result.Written.Span)
            : CreateReferenceText(id, traceParent, model!.Value);
        return new ResultMessage(text, IsFailed: model is null);
    }

    /// <summary>Stores a failed result, unless the prediction already has a result.</summary>
    /// <returns>The message of the stored result.</returns>
    public Task<ResultMessage> StoreFailureAsync(
        PredictionId id, string? traceParent, PredictionFailure failure, CancellationToken cancellationToken)
    {
        InferenceMetrics.RecordError(failure.Code);
        return StoreAsync(id, traceParent, buffer =>
            ResultWriter.WriteFailed(buffer, id, traceParent, failure), model: null, cancellationToken);
    }

    private string CreateReferenceText(PredictionId id, string? traceParent, ModelId model)
    {
        using var message = new PooledBuffer(InitialCapacity);
        ResultWriter.WriteReference(
            message, id, traceParent, model, new BlobReference(settings.Container, BlobNames.Result(id)).ToString());
        return Encoding.UTF8.GetString(message.Written.Span);
    }
}
