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
using Inference.Repository;
using Inference.Repository.HuggingFace;
using Inference.Tensors;
using Inference.WarmUp;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cli.Models;

/// <summary>The part of a <see cref="ModelCheck"/> that runs in the child process.</summary>
internal sealed class ModelTrialRun(ModelCheck check)
{
    /// <summary>
    /// The maximum time to wait until the runtime has examined whether requests can share runs of the model. After this time, the result of
    /// the examination, which is the batch contract, is reported in its current state. The examination itself also has time limits.
    /// </summary>
    private static readonly TimeSpan ExaminationLimit = TimeSpan.FromMinutes(2);

    private static readonly WarmUpSamples Samples = new(static (body, model) => BodyFormat.Detect(body).Read(model));

    /// <returns>The findings as JSON; null unless the extent is <see cref="CheckExtent.Run"/>.</returns>
    /// <exception cref="InferenceException">The model does not load.</exception>
    /// <exception cref="FileProblemsException">The model does not fit its settings.</exception>
    /// <exception cref="CliException">
    /// The model loads, but fails on the inputs. Also thrown when its files, the given labels or the given shapes do not fit the model.
    /// </exception>
    public async Task<byte[]?> RunAsync()
    {
        using var governor = new Governor();
        var cache = Path.Combine(check.WorkFolder, "cache");
        var runtime = new OnnxModelRuntime(governor, cache, shared: null, TimeProvider.System, NullLogger<OnnxModelRuntime>.Instance);
        var configuration = ReadSettings();
        var samples = check.SamplePath is null ? []
            : ImmutableArray.Create(new WarmupSample(await File.ReadAllTextAsync(check.SamplePath), 1));
        var settings = ModelSettings.Default with { Lifecycle = ModelSettings.Default.Lifecycle with { Warmup = samples } };
        await using var loaded =
            await runtime.LoadAsync(check.Id, new ModelFiles(check.ModelPath, LabelsPath: null), settings, CancellationToken.None);
        var session = configuration.Apply(loaded);
        var model = await DescribeAsync(configuration, session.Signature);
        LoadTextFiles(model);
        if (check.Extent != CheckExtent.LoadOnly)
        {
            var hasSamples = await RunWarmUpAsync(model, session, configuration.Settings);
            if (!hasSamples || !samples.IsEmpty || !check.Shapes.IsEmpty)
                await RunModelAsync(model, session, samples);
        }

        if (check.Extent != CheckExtent.Run)
            return null;
        session.BeginExamination();
        await Task.WhenAny(session.BatchExamined, Task.Delay(ExaminationLimit, TimeProvider.System));
        return CreateFindings(model, BatchContract.Create(settings.Batching, session));
    }

    /// <summary>Describes the model as a server does.</summary>
    /// <exception cref="CliException">A file of the folder has a mistake, or no output fits the labels.</exception>
    private async Task<Model> DescribeAsync(ModelConfiguration configuration, ModelSignature signature)
    {
        var completed = HuggingFaceFolder.Complete(configuration, check.Folder, signature);
        List<FileProblem> warnings = [.. completed.Warnings.Skip(configuration.Warnings.Count)];
        var folderLabelsPath = Path.Combine(check.Folder, ModelVersion.LabelsFileName);
        var labelsPath = check.LabelsPath ?? (File.Exists(folderLabelsPath) ? folderLabelsPath : null);
        var labels = await OutputLabels.ReadAsync(labelsPath, CancellationToken.None);
        var model = new Model(check.Id, signature, labelsPath is null ? completed.Labels : labels)
        {
            Task = completed.Settings.Task,
            Image = completed.Settings.Image,
            Text = completed.Settings.Text,
            Limits = DimensionLimits.Create(completed.Settings.Limits, signature),
            Folder = check.Folder,
            Warnings = [.. warnings],
        };
        ThrowIfFilesInvalid(model, warnings, labelsPath);
        return model;
    }

    /// <exception cref="CliException">A file for texts, such as tokenizer.json, cannot be used.</exception>
    private void LoadTextFiles(Model model)
    {
        try
        {
            TextTokenizer.EnsureLoaded(model);
        }
        catch (InferenceException e)
        {
            throw CliException.CreateUsageError($"{e.Message}{check.Advise("Correct the file")}", e);
        }
    }

    /// <exception cref="FileProblemsException">The settings specify a remote server, but the model has files.</exception>
    private ModelConfiguration ReadSettings()
    {
        var files = SettingsFile.Names.Select(name => new FileInfo(Path.Combine(check.SettingsFolder, name))).Where(file => file.Exists);
        var configuration = ModelConfigurationReader.Parse(
            check.Id.Name, [.. files.Select(file => new SettingsFile(file.Name, File.ReadAllBytes(file.FullName)))]);
        return configuration.Settings.Remote is null ? configuration : throw new FileProblemsException(
            [new FileProblem(
                ModelSettings.FileName, 0, 0, "$.remote",
                "The key names a server for the model, but the version has a model file. Remove one of them.")]);
    }

    private void ThrowIfFilesInvalid(Model model, IEnumerable<FileProblem> warnings, string? labelsPath)
    {
        if (warnings.Where(warning => !warning.IsUnsupported).ToList() is { Count: > 0 } mistakes)
            throw CliException.CreateUsageError($"{SourceFilesCheck.Describe(mistakes)}{check.Advise("Correct the file")}");
        if (labelsPath is null || !(model.Labels.IsEmpty || model.HasUnusableLabels))
            return;
        throw CliException.CreateUsageError(
            $"{(check.LabelsPath is null ? ModelVersion.LabelsFileName : "The file of --labels")} has "
            + $"{Counted.Text(model.Labels.Length, "label")}, but no output has as many scores per item: "
            + $"{string.Join(", ", model.Signature.Outputs.Select(output => $"\"{output.Name}\" is {output.Type} {output.Shape}"))}."
            + check.Advise("Give each score its label"));
    }

    /// <summary>Runs each warm-up sample of the settings once. A server does not serve a model that fails on a sample.</summary>
    /// <returns>False when there are no samples to run.</returns>
    /// <exception cref="FileProblemsException">A sample is not a request for this model.</exception>
    /// <exception cref="InferenceException">The model fails on a sample.</exception>
    private static async Task<bool> RunWarmUpAsync(Model model, IModelSession session, ModelSettings settings)
    {
        // Requests for a model of images are left out, because inferctl does not decode images.
        var samples = settings.Lifecycle.Warmup.Where(sample => model.Image is null || sample.Request is null)
            .Select(sample => sample with { Count = 1 }).ToList();
        await Samples.RunAsync(model, session, samples, CancellationToken.None);
        return samples.Count > 0;
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

            await Samples.RunAsync(model, session, samples, CancellationToken.None);
        }
        catch (FileProblemsException e)
        {
            throw CliException.CreateUsageError($"--sample is not a valid request for this model: {e.Problems[0].Message}", e);
        }
        catch (InferenceException e) when (!samples.IsEmpty)
        {
            throw new CliException($"The model loads, but fails on --sample: {e.InnerException?.Message ?? e.Message}", cause: e);
        }
        catch (InferenceException e) when (check.Extent == CheckExtent.Run)
        {
            throw new CliException(
                check.Shapes.IsEmpty
                    ? $"The model loads, but fails in a trial run on zeros in its smallest input shapes: {e.Message.TrimEnd('.', ' ')}. "
                        + "Pass a request with --sample, or other shapes with --shape. To push the model without a run, add --load-only."
                    : $"The model loads, but fails in a trial run on zeros in the shapes of --shape: {e.Message}",
                cause: e);
        }
        catch (InferenceException)
        {
            // The failure is ignored, because not every model accepts zeros.
        }
    }

    private Dictionary<string, Shape> ReadShapes(ModelSignature signature)
    {
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        foreach (var text in check.Shapes)
        {
            // The last equals sign ends the name, because names can contain equals signs, but sizes cannot.
            var separator = text.LastIndexOf('=');
            var (name, sizes) = (text[..Math.Max(separator, 0)], text[(separator + 1)..].Split(','));
            var index = signature.IndexOfInput(name);
            var dimensions = Array.ConvertAll(sizes, size => long.TryParse(size, out var value) && value > 0 ? value : 0);
            if (index < 0 || dimensions.Contains(0) || !Fits(signature.Inputs[index].Shape, dimensions))
            {
                var inputs = signature.Inputs.Select(input => $"{input.Name} {input.Shape}");
                throw CliException.CreateUsageError(
                    $"--shape \"{Quote.Shorten(text)}\" does not fit an input. The inputs are {string.Join(", ", inputs)}.");
            }

            shapes[name] = new Shape(dimensions);
        }

        return shapes;
    }

    private static bool Fits(Shape declared, long[] dimensions) =>
        declared.Rank == dimensions.Length
            && Enumerable.Range(0, declared.Rank).All(axis => declared[axis] == Shape.Dynamic || declared[axis] == dimensions[axis]);

    private static byte[] CreateFindings(Model model, BatchContract contract)
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
