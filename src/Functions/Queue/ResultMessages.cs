using System.Text;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols;
using Inference.Protocols.Predictions;

namespace Functions.Queue;

/// <summary>
/// Results, of which each prediction has one for good: the first that is stored. What is sent is always what is stored, so a message that
/// comes again is answered as before.
/// </summary>
public sealed class ResultMessages(PredictionContainer container, PredictionSettings settings)
{
    /// <summary>What fits a message of 64 KiB also for who writes it in Base64.</summary>
    public const int MaxSize = 48 * 1024;

    /// <summary>Room for most results; larger ones grow it.</summary>
    private const int InitialCapacity = 4096;

    /// <returns>The message to send; null when there is no result yet.</returns>
    public async Task<string?> FindAsync(PredictionId id, CancellationToken cancellationToken)
    {
        if (await container.ReadAsync(BlobNames.Result(id), MaxSize, cancellationToken).ConfigureAwait(false) is not { } blob)
            return null;
        var content = blob.Content.ToMemory();
        if (blob.IsWhole)
            return Encoding.UTF8.GetString(content.Span);
        var result = ResultReader.Read(content.Span);
        return Reference(id, result.TraceParent, result.Model!.Value);
    }

    /// <summary>Stores the result, unless the prediction has one.</summary>
    /// <returns>The message to send.</returns>
    internal async Task<string> StoreAsync(
        PredictionId id, string? traceParent, Action<PooledBuffer> write, ModelId? model, CancellationToken cancellationToken)
    {
        using var result = new PooledBuffer(InitialCapacity);
        write(result);
        if (!await container.TryCreateAsync(BlobNames.Result(id), result.Written, cancellationToken).ConfigureAwait(false))
        {
            return await FindAsync(id, cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException($"The result of {id} was deleted as soon as it was there.");
        }

        return result.Written.Length <= MaxSize ? Encoding.UTF8.GetString(result.Written.Span) : Reference(id, traceParent, model!.Value);
    }

    public Task<string> StoreFailureAsync(PredictionId id, string? traceParent, PredictionFailure failure, CancellationToken cancellationToken)
    {
        InferenceMetrics.ErrorTold(failure.Code);
        return StoreAsync(id, traceParent, buffer => ResultWriter.WriteFailed(buffer, id, traceParent, failure), model: null, cancellationToken);
    }

    private string Reference(PredictionId id, string? traceParent, ModelId model)
    {
        using var message = new PooledBuffer(InitialCapacity);
        ResultWriter.WriteReference(message, id, traceParent, model, new BlobReference(settings.Container, BlobNames.Result(id)).ToString());
        return Encoding.UTF8.GetString(message.Written.Span);
    }
}
