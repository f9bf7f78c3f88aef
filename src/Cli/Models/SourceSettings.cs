using Cli.Models.Stores;
using Cli.Output;
using Inference.Models;
using Inference.Repository;

namespace Cli.Models;

/// <summary>
/// The settings files in a pushed folder. A server reads the settings from the model's folder, which contains the folders of the versions.
/// So a push stores the settings in the model's folder.
/// </summary>
/// <param name="NewFiles">The settings files that the store does not have yet.</param>
/// <param name="All">The settings of the model after the push: those of the store, and the new ones.</param>
internal sealed record SourceSettings(IReadOnlyList<SourceFile> NewFiles, IReadOnlyList<SettingsFile> All)
{
    /// <summary>Reads the settings in the folder of a version, and combines them with the settings in the store.</summary>
    /// <param name="stored">The settings files of the model in the store.</param>
    /// <exception cref="CliException">
    /// A file is a link that must not be followed, is too large, or differs from the file in the store. Or the settings are not valid.
    /// </exception>
    public static async Task<SourceSettings> ReadAsync(
        ModelName model, string folder, IModelFiles store, IReadOnlyList<SettingsFile> stored, CancellationToken cancellationToken)
    {
        var (newFiles, all) = (new List<SourceFile>(), stored.ToList());
        foreach (var file in SettingsFile.Names.Select(name => new FileInfo(Path.Combine(folder, name))).Where(file => file.Exists))
        {
            var content = HubSnapshot.FindContent(file);
            var settings = await ReadAsync(file, content, cancellationToken);
            if (stored.FirstOrDefault(other => other.Name == file.Name) is not { } existing)
            {
                newFiles.Add(await SourceFile.ReadAsync(file.Name, content.FullName, cancellationToken));
                all.Add(settings);
            }
            else if (!existing.Content.Span.SequenceEqual(settings.Content.Span))
            {
                throw CliException.CreateUsageError(
                    $"\"{file.FullName}\" differs from \"{model}/{file.Name}\" in {store}, which has the settings of all versions. "
                    + "Copy the file there, or remove it from the folder, and push again.");
            }
        }

        if (newFiles.Count > 0 && SourceFilesCheck.FindProblems(model, all) is { Count: > 0 } problems)
        {
            throw CliException.CreateUsageError(
                $"The settings in {folder} are not valid. {SourceFilesCheck.Describe(problems)} {SourceFilesCheck.Advice}");
        }

        return new SourceSettings(newFiles, all);
    }

    /// <summary>
    /// Stores the new files. Call this right before the model file becomes visible, so that no server loads the model file without its
    /// settings. Do not call this earlier: if the settings select only the new version, a server would serve no version while the model
    /// file is copied.
    /// </summary>
    public async Task StoreAsync(IModelFiles store, ModelName model, CancellationToken cancellationToken)
    {
        foreach (var file in NewFiles)
        {
            // The files are small, so their progress is not shown.
            using var progress = new ProgressLine(file.Name, total: 0, ProgressLine.ByteUnit);
            await store.WriteAsync($"{model}/{file.Name}", file.File, file.Sha256, progress, beforeVisible: null, cancellationToken);
        }
    }

    /// <summary>Writes where the new files are stored.</summary>
    public void WriteNotes(ModelName model)
    {
        foreach (var file in NewFiles)
            SafeConsole.WriteError($"{file.Name} is stored as {model}/{file.Name}, and applies to all versions of {model}.");
    }

    private static async Task<SettingsFile> ReadAsync(FileInfo file, FileInfo content, CancellationToken cancellationToken) =>
        content.Length <= SettingsFile.MaxSize
            ? new SettingsFile(file.Name, await File.ReadAllBytesAsync(content.FullName, cancellationToken))
            : throw CliException.CreateUsageError(
                $"\"{file.FullName}\" has {content.Length} bytes; at most {SettingsFile.MaxSize} are read. {SourceFilesCheck.Advice}");
}
