using System.Runtime.InteropServices;

namespace Functions.Hosting;

/// <summary>
/// Ends the process without running the destructors of native libraries. A thread that is still inside a library could crash during the
/// destructors.
/// </summary>
internal static partial class ProcessExit
{
    /// <summary>
    /// Ends the process at once; on Windows, by a normal exit. On Linux, a normal exit right after the start has ended in a segmentation
    /// fault, because a thread was still loading a library.
    /// </summary>
    public static void ExitNow(int exitCode)
    {
        if (OperatingSystem.IsWindows())
            Environment.Exit(exitCode);
        else
            Exit(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
