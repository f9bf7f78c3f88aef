using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Inference;
using Inference.Catalog;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Onnx;
using Inference.Protocols.Predict;
using Inference.Protocols.Predictions;
using Inference.Protocols.Text;
using Inference.Repository.HuggingFace;
using Inference.Tensors;
using Inference.WarmUp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cli.Models;

/// <summary>The part of a <see cref="ModelCheck"/> that runs in the child process.</summary>
internal sealed class ModelTrialRun(ModelCheck check)
{
    /// <summary>
    /// The time limit for the batch examination, in addition to the examination's own limits. Without a result in time, the check ends.
    /// </summary>
    private static readonly TimeSpan ExaminationLimit = TimeSpan.FromMinutes(2);

    /// <returns>The findings as JSON; null unless the extent is <see cref="CheckExtent.Run"/>.</returns>
    /// <exception cref="InferenceException">The model does not load.</exception>
    /// <exception cref="CliException">The model loads, but fails on the inputs, or the given labels or shapes do not fit.</exception>
    public async Task<byte[]?> RunAsync()
    {
        using var governor = new Governor();
        var cache = Path.Combine(check.WorkFolder, "cache");
        var runtime = new OnnxModelRuntime(governor, cache, shared: null, TimeProvider.System, NullLogger<OnnxModelRuntime>.Instance);
        var samples = check.SamplePath is null ? []
            : ImmutableArray.Create(new WarmupSample(await File.ReadAllTextAsync(check.SamplePath), 1));
        var settings = ModelSettings.Default with { Lifecycle = ModelSettings.Default.Lifecycle with { Warmup = samples } };
        await using var session =
            await runtime.LoadAsync(check.Id, new ModelFiles(check.ModelPath, LabelsPath: null), settings, CancellationToken.None);
        var model = Describe(session.Signature, await OutputLabels.ReadAsync(check.LabelsPath, CancellationToken.None));
        if (check.Extent == CheckExtent.Run)
            TextTokenizer.EnsureLoaded(model);
        if (check.Extent != CheckExtent.LoadOnly)
            await RunModelAsync(model, session, samples);
        if (check.Extent != CheckExtent.Run)
            return null;
        await Task.WhenAny(session.BatchExamined, Task.Delay(ExaminationLimit, TimeProvider.System));
        return Write(model, BatchContract.Create(settings.Batching, session));
    }

    /// <summary>Describes the model as a server does when the model has no settings.</summary>
    /// <param name="labels">The labels of <c>--labels</c> (default: empty).</param>
    private Model Describe(ModelSignature signature, ImmutableArray<string> labels)
    {
        var read = HuggingFaceFolder.Complete(ModelConfiguration.Default, check.Folder, signature);
        var model = new Model(check.Id, signature, check.LabelsPath is null ? read.Labels : labels)
        {
            Task = read.Settings.Task,
            Image = read.Settings.Image,
            Text = read.Settings.Text,
            Folder = check.Folder,
            Warnings = [.. read.Warnings],
        };
        return check.LabelsPath is null || signature.Outputs.Any(model.HasLabelsFor) ? model : throw new CliException(
            $"The file of --labels has {Counted.Text(labels.Length, "label")}, but no output has as many scores for an item: "
            + $"{string.Join(", ", signature.Outputs.Select(output => $"\"{output.Name}\" is {output.Type} {output.Shape}"))}.");
    }

    private async Task RunModelAsync(Model model, IModelSession session, ImmutableArray<WarmupSample> samples)
    {
        try
        {
            if (samples.IsEmpty)
            {
                await ZeroRun.RunAsync(session, ReadShapes(session.Signature), CancellationToken.None);
                return;
            }

            var runs = new WarmUpSamples(static (body, model) => BodyFormat.Detect(body).Read(model));
            await runs.RunAsync(model, session, samples, CancellationToken.None);
        }
        catch (FileProblemsException e)
        {
            throw new CliException($"--sample is no request of this model: {e.Problems[0].Message}", cause: e);
        }
        catch (InferenceException e) when (!samples.IsEmpty)
        {
            throw new CliException($"The model loads, but fails on --sample: {e.InnerException?.Message ?? e.Message}", cause: e);
        }
        catch (InferenceException e) when (check.Extent == CheckExtent.Run)
        {
            throw new CliException(
                check.Shapes.IsEmpty
                    ? $"The model loads, but fails on zeros in its smallest shape: {e.Message} Give it a request with --sample or other "
                        + "shapes with --shape. If it may fail, add --load-only."
                    : $"The model loads, but fails on zeros in the shapes of --shape: {e.Message}",
                cause: e);
        }
        catch (InferenceException)
        {
            // Zeros are not a valid input of every model.
        }
    }

    private Dictionary<string, Shape> ReadShapes(ModelSignature signature)
    {
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        foreach (var text in check.Shapes)
        {
            // The name of a tensor may contain equals signs; the sizes do not.
            var at = text.LastIndexOf('=');
            var (name, sizes) = (text[..Math.Max(at, 0)], text[(at + 1)..].Split(','));
            var index = signature.IndexOfInput(name);
            var dimensions = Array.ConvertAll(sizes, size => long.TryParse(size, out var value) && value > 0 ? value : 0);
            if (index < 0 || dimensions.Contains(0) || !Fits(signature.Inputs[index].Shape, dimensions))
            {
                var inputs = signature.Inputs.Select(input => $"{input.Name} {input.Shape}");
                throw new CliException($"--shape {Quote.Shorten(text)} is no shape of an input: the inputs are {string.Join(", ", inputs)}.");
            }

            shapes[name] = new Shape(dimensions);
        }

        return shapes;
    }

    private static bool Fits(Shape spec, long[] dimensions) =>
        spec.Rank == dimensions.Length
            && Enumerable.Range(0, spec.Rank).All(axis => spec[axis] == Shape.Dynamic || spec[axis] == dimensions[axis]);

    private static byte[] Write(Model model, BatchContract contract)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            ModelsWriter.WriteContract(writer, contract);
            if (model.Task is { } task)
                writer.WriteString("task"u8, ModelTaskNames.GetName(task));
            ModelsWriter.WriteWarnings(writer, model.Warnings);
            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }
}
