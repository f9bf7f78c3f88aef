using Cli.Models.Stores;
using Inference;
using Inference.Models;

namespace Cli.Models;

/// <summary>
/// <c>models pull</c>: copies a version into a folder of models. The version is verified in a temporary folder, which is then moved to its
/// place in one step.
/// </summary>
internal sealed class VersionPull(StoredVersion version, string root)
{
    private readonly string _modelPath = Path.Combine(Path.GetFullPath(root), version.Id.Name.Value);

    private string Target => Path.Combine(_modelPath, $"{version.Id.Version}");

    /// <param name="publicKeyPem">The key that must have signed the version; null when no signature is required.</param>
    /// <exception cref="CliException">
    /// The version already exists, the model's or version's folder is a link, or the files in the store are refused or cannot be verified.
    /// </exception>
    public async Task RunAsync(string? publicKeyPem, CancellationToken cancellationToken)
    {
        ThrowIfTargetUnusable();
        // The temporary folder is inside the folder of models, and thus on the same file system. A move within a file system is one step.
        // Servers ignore the temporary folder, because no name of a model begins with a dot.
        var work = Path.Combine(Path.GetFullPath(root), $".inferctl-{Guid.NewGuid():N}");
        CreatePrivateFolder(work);
        try
        {
            var copy = Directory.CreateDirectory(Path.Combine(work, "version")).FullName;
            await VersionDownload.RunAsync(version, copy, "pulling", isPartOfReport: false, cancellationToken);
            await VerifyAsync(copy, publicKeyPem, cancellationToken);
            ThrowIfTargetUnusable();
            Move(copy);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void ThrowIfTargetUnusable()
    {
        if (Link.IsAt(_modelPath))
        {
            throw new CliException(
                $"\"{_modelPath}\" is a link, and this command does not write through links. Pull to another folder, or replace the link.");
        }

        if (Link.IsAt(Target) || Path.Exists(Target))
            throw new CliException($"\"{Target}\" already exists, and versions are never changed. Delete it, or pull to another folder.");
    }

    private async Task VerifyAsync(string copy, string? publicKeyPem, CancellationToken cancellationToken)
    {
        try
        {
            var files = new ModelFiles(Path.Combine(copy, version.ModelFile), LabelsPath: null) { Folder = copy };
            var verified = await StoredVersion.CreatePolicy(publicKeyPem).VerifyAsync(version.Id, files, cancellationToken);
            if (publicKeyPem is not null
                && await version.FindSettingsProblemAsync(publicKeyPem, verified.SettingsSignedAt, cancellationToken) is { } problem)
            {
                throw new CliException(
                    $"The settings of {version.Id.Name} in {version.Store} are not trusted. {problem} The version is not pulled, and "
                    + "no file of it is kept.");
            }
        }
        catch (InferenceException e)
        {
            throw new CliException($"{e.Message} The version is not pulled, and no file of it is kept.", cause: e);
        }
        catch (ArgumentException e)
        {
            throw CliException.CreateUsageError(e.Message);
        }
    }

    private void Move(string copy)
    {
        var isNew = !Directory.Exists(_modelPath);
        Directory.CreateDirectory(_modelPath);
        try
        {
            Directory.Move(copy, Target);
        }
        catch when (isNew)
        {
            Directory.Delete(_modelPath);
            throw;
        }
    }
}
