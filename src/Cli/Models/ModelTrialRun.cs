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
    /// The maximum time to wait until the runtime has examined whether requests can share runs. After this time, the contract is reported
    /// in its current state. The examination also has time limits of its own.
    /// </summary>
    private static readonly TimeSpan ExaminationLimit = TimeSpan.FromMinutes(2);

    private static readonly WarmUpSamples Samples = new(static (body, model) => BodyFormat.Detect(body).Read(model));

    /// <returns>The findings as JSON; null unless the extent is <see cref="CheckExtent.Run"/>.</returns>
    /// <exception cref="InferenceException">The model does not load.</exception>
    /// <exception cref="FileProblemsException">The model does not fit its settings.</exception>
    /// <exception cref="CliException">
    /// The model loads, but fails on the inputs, or its files, or the given labels or shapes, do not fit it.
    /// </exception>
    public async Task<byte[]?> RunAsync()
    {
        using var governor = new Governor();
        var cache = Path.Combine(check.WorkFolder, "cache");
        var runtime = new OnnxModelRuntime(governor, cache, shared: null, TimeProvider.System, NullLogger<OnnxModelRuntime>.Instance);
        var given = ReadSettings();
        var samples = check.SamplePath is null ? []
            : ImmutableArray.Create(new WarmupSample(await File.ReadAllTextAsync(check.SamplePath), 1));
        var settings = ModelSettings.Default with { Lifecycle = ModelSettings.Default.Lifecycle with { Warmup = samples } };
        await using var loaded =
            await runtime.LoadAsync(check.Id, new ModelFiles(check.ModelPath, LabelsPath: null), settings, CancellationToken.None);
        var session = given.Apply(loaded);
        var model = await DescribeAsync(given, session.Signature);
        LoadTextFiles(model);
        if (check.Extent != CheckExtent.LoadOnly)
        {
            var isTried = await TryWarmUpAsync(model, session, given.Settings);
            if (!isTried || !samples.IsEmpty || !check.Shapes.IsEmpty)
                await RunModelAsync(model, session, samples);
        }

        if (check.Extent != CheckExtent.Run)
            return null;
        await Task.WhenAny(session.BatchExamined, Task.Delay(ExaminationLimit, TimeProvider.System));
        return Write(model, BatchContract.Create(settings.Batching, session));
    }

    /// <summary>Describes the model as a server does.</summary>
    /// <exception cref="CliException">A file of the folder has a mistake, or no output fits the labels.</exception>
    private async Task<Model> DescribeAsync(ModelConfiguration given, ModelSignature signature)
    {
        var read = HuggingFaceFolder.Complete(given, check.Folder, signature);
        List<FileProblem> warnings = [.. read.Warnings.Skip(given.Warnings.Count)];
        var ofFolder = Path.Combine(check.Folder, ModelVersion.LabelsFileName);
        var labelsPath = check.LabelsPath ?? (File.Exists(ofFolder) ? ofFolder : null);
        var labels = await OutputLabels.ReadAsync(labelsPath, CancellationToken.None);
        var model = new Model(check.Id, signature, labelsPath is null ? read.Labels : labels)
        {
            Task = read.Settings.Task,
            Image = read.Settings.Image,
            Text = read.Settings.Text,
            Limits = DimensionLimits.Create(read.Settings.Limits, signature),
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
                "It names a server for the model, but the version has a model file. Remove one of them.")]);
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

    /// <summary>Runs each warm-up sample of the settings once. A server does not serve a model that fails on one.</summary>
    /// <returns>False when there are no samples to run.</returns>
    /// <exception cref="FileProblemsException">A sample is not a request for this model.</exception>
    /// <exception cref="InferenceException">The model fails on a sample.</exception>
    private static async Task<bool> TryWarmUpAsync(Model model, IModelSession session, ModelSettings settings)
    {
        // Requests with images are left out, because inferctl does not decode images.
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
            // The failure is ignored, because zeros are not a valid input of every model.
        }
    }

    private Dictionary<string, Shape> ReadShapes(ModelSignature signature)
    {
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        foreach (var text in check.Shapes)
        {
            // The last equals sign ends the name. Names can contain equals signs, and sizes cannot.
            var at = text.LastIndexOf('=');
            var (name, sizes) = (text[..Math.Max(at, 0)], text[(at + 1)..].Split(','));
            var index = signature.IndexOfInput(name);
            var dimensions = Array.ConvertAll(sizes, size => long.TryParse(size, out var value) && value > 0 ? value : 0);
            if (index < 0 || dimensions.Contains(0) || !Fits(signature.Inputs[index].Shape, dimensions))
            {
                var inputs = signature.Inputs.Select(input => $"{input.Name} {input.Shape}");
                throw CliException.CreateUsageError(
                    $"--shape {Quote.Shorten(text)} does not fit an input. The inputs are {string.Join(", ", inputs)}.");
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
