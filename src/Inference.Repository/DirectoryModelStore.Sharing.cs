using Inference.Models;
using Inference.Models.Files;

namespace Inference.Repository;

/// <summary>The files that the instances of the server share through the folder with the models.</summary>
public sealed partial class DirectoryModelStore : ISharedFiles
{
    public Task<bool> TryGetAsync(string name, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(RunGuarded(() =>
        {
            var sharedPath = Path.Combine(GetSharedFolder(), name);
            if (!RegularFile.Exists(sharedPath))
                return false;
            File.Copy(sharedPath, path);
            return true;
        }));
    }

    public Task PutAsync(string name, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(RunGuarded(() =>
        {
            var folder = Directory.CreateDirectory(GetSharedFolder()).FullName;
            // Copies to another name first and then renames the copy, so that readers see either the old file or the new one.
            var temporaryPath = Path.Combine(folder, $".{Guid.NewGuid():N}");
            File.Copy(path, temporaryPath);
            File.Move(temporaryPath, Path.Combine(folder, name), overwrite: true);
            return true;
        }));
    }

    private string GetSharedFolder()
    {
        var folder = new DirectoryInfo(Path.Combine(_root, ISharedFiles.Folder));
        return folder.LinkTarget is null ? folder.FullName
            : throw new IOException($"{folder} is a link, and files are not shared through links.");
    }
}
