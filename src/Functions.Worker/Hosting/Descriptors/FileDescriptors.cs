namespace Functions.Worker.Hosting.Descriptors;

/// <summary>Whether the process can open another file descriptor, and if not, which limit is reached.</summary>
internal enum DescriptorSupply
{
    Available,
    ProcessLimitReached,
    SystemLimitReached,
}

/// <summary>The file descriptors of the process. Each connection and each open file uses one.</summary>
internal static class FileDescriptors
{
    /// <summary>
    /// The error numbers (errno(3)) for a reached limit: EMFILE for the limit of the process, ENFILE for the limit of the system.
    /// </summary>
    private const int ProcessError = 24, SystemError = 23;

    /// <summary>Determines whether another descriptor can be opened now.</summary>
    public static DescriptorSupply Check()
    {
        try
        {
            File.OpenHandle("/dev/null").Dispose();
            return DescriptorSupply.Available;
        }
        catch (IOException e)
        {
            return e.HResult switch
            {
                ProcessError => DescriptorSupply.ProcessLimitReached,
                SystemError => DescriptorSupply.SystemLimitReached,
                _ => DescriptorSupply.Available,
            };
        }
        catch (UnauthorizedAccessException)
        {
            return DescriptorSupply.Available;
        }
    }
}
