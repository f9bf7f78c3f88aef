using Inference.Models;
using Inference.Models.Files;

namespace Inference.Repository;

/// <summary>The files that instances share through the folder.</summary>
public sealed partial class DirectoryModelStore : ISharedFiles
{
    public Task<bool> TryGetAsync(string name, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(RunGuarded(() =>
        {
            var shared = Path.Combine(SharedFolder(), name);
            if (!RegularFile.Exists(shared))
                return false;
            File.Copy(shared, path);
            return true;
        }));
    }

    public Task PutAsync(string name, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(RunGuarded(() =>
        {
            var folder = Directory.CreateDirectory(SharedFolder()).FullName;
            // Renames the file, so that readers see either the old file or the new one.
            var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}");
            File.Copy(path, temporary);
            File.Move(temporary, Path.Combine(folder, name), overwrite: true);
            return true;
        }));
    }

    private string SharedFolder()
    {
        var folder = new DirectoryInfo(Path.Combine(_root, ISharedFiles.Folder));
        return folder.LinkTarget is null ? folder.FullName
            : throw new IOException($"{folder} is a link, and files are not shared through links.");
    }
}
