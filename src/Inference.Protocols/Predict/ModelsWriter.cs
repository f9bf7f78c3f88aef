using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Inference.Catalog;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Text;

namespace Inference.Protocols.Predict;

/// <summary>Writes descriptions of models.</summary>
public static class ModelsWriter
{
    /// <summary>
    /// Writes <c>{"models":[{"name","versions":[{"version","default"?,"state","reason"?,"cause"?,"size","digest"?,"digestOf"?,"batching"?,
    /// "shadow"?}],"warnings":[...],"state"?,"reason"?}],"jobsProblem"?}</c>. A model without known versions has failed, and "reason" says
    /// why the store cannot list or serve it.
    /// </summary>
    /// <param name="jobsProblem">Why the server cannot run jobs; null when the server can run jobs.</param>
    public static void WriteList(IBufferWriter<byte> output, ModelStatuses statuses, string? jobsProblem)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartArray("models"u8);
        foreach (var model in statuses.GroupBy(status => status.Version.Id.Name))
        {
            writer.WriteStartObject();
            WriteNameAndVersions(writer, model.Key.Value, [.. model]);
            writer.WriteEndObject();
        }

        foreach (var (name, reason) in statuses.Failures.OrderBy(failure => failure.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            WriteNameAndVersions(writer, name, []);
            writer.WriteString("state"u8, Describe(ModelState.Failed));
            writer.WriteString("reason"u8, reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (jobsProblem is not null)
            writer.WriteString("jobsProblem"u8, jobsProblem);
        writer.WriteEndObject();
    }

    /// <summary>
    /// Writes
    /// <c>{"name","versions":[...],"warnings":[...],"version","batch","takes":[...],"task"?,"scores"?,"mask"?,"inputs":[...],
    /// "outputs":[...],"labels":[...],"operatorLibraries":[...],"examples":[...]}</c>. The members from "version" on describe one version,
    /// <paramref name="described"/>. If the version does not load, the parameter is null and these members are omitted. "scores" is the
    /// function that makes the scores of a classifier's labels. "mask" is the text of the tokenizer's mask.
    /// </summary>
    public static void WriteModel(IBufferWriter<byte> output, ModelName name, IReadOnlyList<ModelStatus> statuses, Model? described)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        WriteNameAndVersions(writer, name.Value, statuses);
        if (described is not null)
        {
            writer.WriteNumber("version"u8, described.Id.Version);
            writer.WriteString("batch"u8, Describe(described.Signature.ItemAxis));
            WriteAcceptedInputs(writer, described);
            if (described.Task is { } task)
                writer.WriteString("task"u8, ModelTaskNames.GetName(task));
            if (described.Task is ModelTask.TextClassification or ModelTask.ImageClassification)
                writer.WriteString("scores"u8, Describe(TextScores.ScoreFunctionOf(described, new TextOptions(), described.Labels.Length)));
            if (described is { Task: ModelTask.FillMask, Text: not null } && MaskFiller.FindMaskToken(described) is { } mask)
                writer.WriteString("mask"u8, mask);
            SignatureWriter.Write(writer, described.Signature, includeExtensions: true);
            WriteTexts(writer, "labels"u8, described.Labels);
            WriteTexts(writer, "operatorLibraries"u8, described.OperatorLibraries);
            WriteExamples(writer, described.Examples);
        }

        writer.WriteEndObject();
    }

    private static void WriteExamples(Utf8JsonWriter writer, ImmutableArray<string> examples)
    {
        writer.WriteStartArray("examples"u8);
        foreach (var example in examples)
            writer.WriteRawValue(example);
        writer.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ImmutableArray<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    private static void WriteNameAndVersions(Utf8JsonWriter writer, string name, IReadOnlyList<ModelStatus> statuses)
    {
        writer.WriteString("name"u8, name);
        writer.WriteStartArray("versions"u8);
        foreach (var status in statuses)
        {
            writer.WriteStartObject();
            writer.WriteNumber("version"u8, status.Version.Id.Version);
            if (status.IsDefault)
                writer.WriteBoolean("default"u8, true);
            writer.WriteString("state"u8, Describe(status.State));
            if (status.Reason is { } reason)
                writer.WriteString("reason"u8, reason);
            if (status.Cause is { } cause)
                writer.WriteString("cause"u8, Describe(cause));
            writer.WriteNumber("size"u8, status.Version.Size);
            if (status.Digest is { } digest)
            {
                writer.WriteString("digest"u8, digest.ToString());
                writer.WriteString("digestOf"u8, digest.FileName);
            }

            if (status.Contract is { } contract)
                WriteContract(writer, contract);
            if (status.Shadow is { } shadow)
                WriteShadow(writer, shadow);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteWarnings(writer, statuses.SelectMany(status => status.Warnings).Distinct());
    }

    /// <summary>
    /// Writes <c>"warnings":[{"file","line"?,"column"?,"path"?,"message"}]</c>: entries in a model's settings files that have no effect.
    /// Lines and columns count from 1 and are omitted when unknown.
    /// </summary>
    public static void WriteWarnings(Utf8JsonWriter writer, IEnumerable<FileProblem> warnings)
    {
        writer.WriteStartArray("warnings"u8);
        foreach (var warning in warnings)
        {
            writer.WriteStartObject();
            writer.WriteString("file"u8, warning.File);
            if (warning.Line > 0)
            {
                writer.WriteNumber("line"u8, warning.Line);
                writer.WriteNumber("column"u8, warning.Column);
            }

            if (warning.Path.Length > 0)
                writer.WriteString("path"u8, warning.Path);
            writer.WriteString("message"u8, warning.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes the kinds of inputs that a predict call accepts.</summary>
    private static void WriteAcceptedInputs(Utf8JsonWriter writer, Model model)
    {
        writer.WriteStartArray("takes"u8);
        writer.WriteStringValue("tensors"u8);
        if (model.Image is not null)
            writer.WriteStringValue("image"u8);
        if (model.Text is not null)
            writer.WriteStringValue("text"u8);
        writer.WriteEndArray();
    }

    /// <summary>
    /// Writes <c>"batching":{"contract","reason"?,"advice"?,"violation"?}</c>: whether requests can share runs, as the contract decides.
    /// "reason" explains why the server has no proof that requests can share runs. "advice" tells the owner of the model how to let them
    /// share runs. "violation" describes the run that ended the contract.
    /// </summary>
    public static void WriteContract(Utf8JsonWriter writer, BatchContract contract)
    {
        writer.WriteStartObject("batching"u8);
        writer.WriteString("contract"u8, Describe(contract));
        if (contract is { Kind: BatchContractKind.None, Verdict.Reason: { } reason })
            writer.WriteString("reason"u8, reason);
        if (contract.Advice is { } advice)
            writer.WriteString("advice"u8, advice);
        if (contract.Violation is { } violation)
            writer.WriteString("violation"u8, violation);
        writer.WriteEndObject();
    }

    private static ReadOnlySpan<byte> Describe(BatchContract contract) => contract.Kind switch
    {
        BatchContractKind.None => contract.Verdict.Kind switch
        {
            BatchVerdictKind.Pending => "pending"u8,
            BatchVerdictKind.NotProven => "notProven"u8,
            BatchVerdictKind.Unexamined or BatchVerdictKind.Proven => "none"u8,
        },
        BatchContractKind.SingleItem => "singleItem"u8,
        BatchContractKind.Declared => "declared"u8,
        BatchContractKind.Proven => "proven"u8,
    };

    private static void WriteShadow(Utf8JsonWriter writer, ShadowCounts counts)
    {
        writer.WriteStartObject("shadow"u8);
        writer.WriteNumber("compared"u8, counts.Compared);
        writer.WriteNumber("different"u8, counts.Different);
        writer.WriteNumber("failed"u8, counts.Failed);
        writer.WriteNumber("dropped"u8, counts.Dropped);
        writer.WriteNumber("largestDifference"u8, counts.LargestDifference);
        writer.WriteEndObject();
    }

    /// <summary>Returns a state's name in JSON.</summary>
    public static ReadOnlySpan<byte> Describe(ModelState state) => state switch
    {
        ModelState.Available => "available"u8,
        ModelState.Loading => "loading"u8,
        ModelState.Ready => "ready"u8,
        ModelState.Failed => "failed"u8,
        ModelState.NotServed => "notServed"u8,
        ModelState.Unloading => "unloading"u8,
    };

    private static ReadOnlySpan<byte> Describe(FailureCause cause) => cause switch
    {
        FailureCause.Files => "files"u8,
        FailureCause.Settings => "settings"u8,
        FailureCause.Store => "store"u8,
    };

    private static ReadOnlySpan<byte> Describe(ScoreFunction function) => function switch
    {
        ScoreFunction.None => "none"u8,
        ScoreFunction.Sigmoid => "sigmoid"u8,
        ScoreFunction.Softmax => "softmax"u8,
    };

    private static ReadOnlySpan<byte> Describe(ItemAxis axis) => axis switch
    {
        ItemAxis.None => "none"u8,
        ItemAxis.Single => "one"u8,
        ItemAxis.Dynamic => "dynamic"u8,
    };
}
