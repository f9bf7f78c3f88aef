namespace Functions.Worker.Hosting.Descriptors;

/// <summary>The file descriptors of the process. Each connection and each open file uses one.</summary>
internal static class FileDescriptors
{
    /// <summary>
    /// The error numbers (errno(3)) for a reached limit: EMFILE for the limit of the process, ENFILE for the limit of the system.
    /// </summary>
    private const int ProcessLimitReached = 24, SystemLimitReached = 23;

    /// <summary>Whether another descriptor can be opened now.</summary>
    public static bool CanOpen()
    {
        try
        {
            File.OpenHandle("/dev/null").Dispose();
            return true;
        }
        catch (IOException e)
        {
            return e.HResult is not (ProcessLimitReached or SystemLimitReached);
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }
}
