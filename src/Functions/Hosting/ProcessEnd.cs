using System.Runtime.InteropServices;

namespace Functions.Hosting;

/// <summary>
/// Ends the process without running the destructors of native libraries. A thread that is still inside a library could crash during them.
/// </summary>
internal static partial class ProcessEnd
{
    /// <summary>
    /// Ends the process after its work. A thread may still be loading a library: exiting normally right after the start has ended in a
    /// segmentation fault.
    /// </summary>
    public static void Now(int exitCode)
    {
        if (OperatingSystem.IsWindows())
            Environment.Exit(exitCode);
        else
            Exit(exitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
