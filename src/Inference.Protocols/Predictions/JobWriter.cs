using System.Buffers;
using System.Text.Json;
using Inference.Protocols.Json;

namespace Inference.Protocols.Predictions;

/// <summary>
/// Writes <c>{"id","model","version"?,"status","created","started"?,"finished"?,"attempts"}</c> and at most one further member.
/// A succeeded job has <c>"result"</c>, or <c>"resultUrl"</c> if the result itself is left out. A failed job has <c>"error"</c>. A job that
/// waits for another attempt has <c>"retry"</c>, which describes the failed attempt.
/// </summary>
public static class JobWriter
{
    /// <param name="address">The path at which callers reach the routes, without a slash at its end; may be empty.</param>
    public static void Write(IBufferWriter<byte> output, Job job, string address)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        Write(writer, job, address, age: null);
    }

    /// <summary>Writes <c>{"jobs":[...],"continuation"?}</c>. Each job also has <c>"ageSeconds"</c>.</summary>
    /// <param name="jobs">The jobs, without their results.</param>
    /// <param name="now">The current time, for the ages.</param>
    /// <param name="continuation">The token that requests the next jobs; null when there are no more jobs.</param>
    /// <param name="address">The path at which callers reach the routes, without a slash at its end; may be empty.</param>
    public static void WriteList(
        IBufferWriter<byte> output, IReadOnlyList<Job> jobs, DateTimeOffset now, string? continuation, string address)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartArray("jobs"u8);
        foreach (var job in jobs)
            Write(writer, job, address, now - job.Created);
        writer.WriteEndArray();
        if (continuation is not null)
            writer.WriteString("continuation"u8, continuation);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, Job job, string address, TimeSpan? age)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, job.Id.Value);
        writer.WriteString("model"u8, job.Model);
        if (job.Version is { } version)
            writer.WriteNumber("version"u8, version);
        writer.WriteString("status"u8, GetName(job.Status));
        writer.WriteString("created"u8, job.Created);
        // The difference may be negative, because the clocks of two servers differ.
        if (age is { } time)
            writer.WriteNumber("ageSeconds"u8, Math.Max(0, (long)time.TotalSeconds));
        if (job.Started is { } started)
            writer.WriteString("started"u8, started);
        if (job.Finished is { } finished)
            writer.WriteString("finished"u8, finished);
        writer.WriteNumber("attempts"u8, job.Attempts);
        if (job.Failure is { } failure)
            ResultWriter.WriteError(writer, failure);
        if (job.Retry is { } retry)
            WriteRetry(writer, retry);
        WriteResult(writer, job, address);
        writer.WriteEndObject();
    }

    private static void WriteRetry(Utf8JsonWriter writer, PendingRetry retry)
    {
        writer.WriteStartObject("retry"u8);
        writer.WriteNumber("attempt"u8, retry.Attempt);
        writer.WriteNumber("maxAttempts"u8, retry.MaxAttempts);
        ResultWriter.WriteError(writer, retry.Failure);
        writer.WriteEndObject();
    }

    private static string GetName(PredictionStatus status) => status switch
    {
        PredictionStatus.Queued => "queued",
        PredictionStatus.Running => "running",
        PredictionStatus.Succeeded => "succeeded",
        PredictionStatus.Failed => "failed",
        PredictionStatus.Cancelled => "cancelled",
    };

    private static void WriteResult(Utf8JsonWriter writer, Job job, string address)
    {
        if (job.Result is { } result)
        {
            writer.WritePropertyName("result"u8);
            writer.WriteRawValue(result.Span, skipInputValidation: true);
        }
        else if (job.Status == PredictionStatus.Succeeded)
        {
            writer.WriteString("resultUrl"u8, $"{address}/jobs/{job.Id}/result");
        }
    }
}
