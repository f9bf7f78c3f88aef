using System.Runtime.InteropServices;

namespace Functions.Hosting;

/// <summary>Ends the process without the destructors of native libraries, which a thread inside one of them might not survive.</summary>
internal static partial class ProcessEnd
{
    /// <summary>Ends the process if its work has failed: then such threads may be left, such as one that still loads a library.</summary>
    /// <returns>The exit code, for a process that ends by itself.</returns>
    public static int Of(int exitCode)
    {
        if (exitCode != 0)
            Now(exitCode);
        return exitCode;
    }

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
