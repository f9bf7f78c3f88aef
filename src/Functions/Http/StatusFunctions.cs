using System.Buffers;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Functions.Hosting;
using Functions.Hosting.Configuration;
using Functions.Hosting.Telemetry;
using Functions.Predictions;
using Inference;
using Inference.Models;
using Inference.Protocols.Predict;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Functions.Http;

/// <summary>
/// Returns the state of this process to operators: build, settings, models, waiting requests, compute slots, memory, errors.
/// </summary>
public sealed class StatusFunctions(
    EngineStatus engine, Readiness readiness, ErrorHistory history, IModelStore store, IConfiguration configuration)
{
    private static readonly string? Commit =
        typeof(StatusFunctions).Assembly
            .GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "Commit")?.Value;

    [Function("Status")]
    public IResult Get([HttpTrigger(AuthorizationLevel.Admin, "get", Route = "status")] HttpRequest request) => BodyResult.Create(Write);

    private void Write(IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        WriteProcess(writer);
        writer.WriteStartObject("compute"u8);
        writer.WriteNumber("slots"u8, engine.Slots);
        writer.WriteNumber("used"u8, engine.Slots - engine.FreeSlots);
        writer.WriteNumber("lent"u8, engine.LentSlots);
        writer.WriteStartArray("leftBehind"u8);
        foreach (var work in engine.AbandonedWork)
            writer.WriteStringValue(work);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("memory"u8);
        writer.WriteNumber("models"u8, engine.MemoryUsed);
        writer.WriteNumber("limit"u8, engine.MemoryLimit);
        writer.WriteNumber("requests"u8, EngineStatus.RequestMemoryUsed);
        writer.WriteNumber("requestLimit"u8, EngineStatus.RequestMemoryLimit);
        writer.WriteNumber("resident"u8, Environment.WorkingSet);
        writer.WriteEndObject();
        WriteErrors(writer);
        writer.WriteString("store"u8, store.ToString());
        writer.WriteStartArray("models"u8);
        foreach (var version in engine.GetVersions())
            WriteVersion(writer, version);
        writer.WriteEndArray();
        writer.WriteStartObject("configuration"u8);
        foreach (var (name, value) in VisibleSettings.Read(configuration))
            writer.WriteString(name, value);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteProcess(Utf8JsonWriter writer)
    {
        using var process = Process.GetCurrentProcess();
        writer.WriteStartObject("build"u8);
        writer.WriteString("version"u8, ServerIdentity.Version);
        if (Commit is not null)
            writer.WriteString("commit"u8, Commit);
        writer.WriteBoolean("native"u8, !RuntimeFeature.IsDynamicCodeSupported);
        writer.WriteEndObject();
        writer.WriteBoolean("ready"u8, readiness.IsReady);
        writer.WriteNumber("uptimeSeconds"u8, (long)(TimeProvider.System.GetUtcNow() - process.StartTime).TotalSeconds);
    }

    private void WriteErrors(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("errors"u8);
        foreach (var (code, count) in history.CountLastHour())
        {
            writer.WriteStartObject();
            writer.WriteString("code"u8, code);
            writer.WriteNumber("lastHour"u8, count);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteVersion(Utf8JsonWriter writer, VersionStatus version)
    {
        var (modelVersion, state, reason) = version.Model;
        writer.WriteStartObject();
        writer.WriteString("model"u8, modelVersion.Id.Name.Value);
        writer.WriteNumber("version"u8, modelVersion.Id.Version);
        writer.WriteString("state"u8, ModelsWriter.Describe(state));
        if (reason is not null)
            writer.WriteString("reason"u8, reason);
        writer.WriteNumber("bytes"u8, version.Bytes);
        writer.WriteNumber("waiting"u8, version.Waiting);
        writer.WriteNumber("running"u8, version.Running);
        if (version.Plan is { } plan)
        {
            writer.WriteStartObject("plan"u8);
            writer.WriteNumber("threads"u8, plan.Threads);
            writer.WriteNumber("maxBatch"u8, plan.MaxBatch);
            writer.WriteEndObject();
        }

        ModelsWriter.WriteWarnings(writer, version.Model.Warnings);
        writer.WriteEndObject();
    }
}
