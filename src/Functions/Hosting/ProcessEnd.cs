using System.Runtime.InteropServices;

namespace Functions.Hosting;

/// <summary>Ends the process without the destructors of native libraries, which a thread inside one of them might not survive.</summary>
internal static partial class ProcessEnd
{
    /// <summary>
    /// Ends the process when its work is done. A thread may still load a library: a start that is stopped at once ended in a segmentation
    /// fault.
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
