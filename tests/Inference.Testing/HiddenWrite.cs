using Inference.Models.Files;

namespace Inference.Testing;

/// <summary>Writes a file so that only its time of change (ctime, which Linux has) shows the write.</summary>
public static class HiddenWrite
{
    /// <summary>
    /// Overwrites a file with content of the same length, and restores the time of its last write. Some kernels count the time of change in
    /// steps of several milliseconds, so this method repeats the write until that time differs.
    /// </summary>
    public static void Overwrite(string path, byte[] content)
    {
        var (before, written) = (FileState.Read(path), File.GetLastWriteTimeUtc(path));
        var differs = SpinWait.SpinUntil(
            () =>
            {
                File.WriteAllBytes(path, content);
                File.SetLastWriteTimeUtc(path, written);
                return FileState.Read(path) != before;
            },
            WaitLimit.Step);
        if (!differs)
            throw new TimeoutException($"The state of \"{path}\" is still {before}.");
    }
}
