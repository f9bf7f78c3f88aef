using System.Collections.Immutable;
using System.Text;
using Inference.Models;
using Inference.Models.Files;
using Inference.Models.Settings;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>Reads files of class labels. Each line of a file is one label.</summary>
public sealed class OutputLabels(ILogger logger)
{
    /// <summary>Reads a file of labels.</summary>
    /// <returns>The labels; empty when <paramref name="path"/> is null.</returns>
    public static async Task<ImmutableArray<string>> ReadAsync(string? path, CancellationToken cancellationToken) =>
        path is null ? [] : Parse(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// Returns the labels of the outputs for which the settings specify a file. A file of the version takes precedence over a file of the
    /// model.
    /// </summary>
    /// <param name="folder">The folder of the version.</param>
    public ImmutableDictionary<string, ImmutableArray<string>> ReadForOutputs(ModelId id, ModelConfiguration configuration, string folder)
    {
        var labels = ImmutableDictionary<string, ImmutableArray<string>>.Empty;
        foreach (var output in configuration.Declared?.Outputs ?? [])
        {
            if (output.LabelFile is not { } file)
                continue;
            if (RegularFile.Exists(Path.Combine(folder, file)))
                labels = labels.Add(output.Name, Parse(File.ReadAllText(Path.Combine(folder, file))));
            else if (configuration.LabelFiles.TryGetValue(file, out var content))
                labels = labels.Add(output.Name, Parse(Encoding.UTF8.GetString(content.Span)));
            else
                logger.LabelFileMissing(id, file, output.Name);
        }

        return labels;
    }

    /// <summary>
    /// Splits a file into labels. Blank lines at the end are ignored, because editors add them. A blank line between other lines is an
    /// empty label.
    /// </summary>
    private static ImmutableArray<string> Parse(string text) =>
        [.. text.TrimStart('\uFEFF').ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')];
}
