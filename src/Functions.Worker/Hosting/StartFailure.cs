using System.ComponentModel;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Win32.SafeHandles;

namespace Functions.Worker.Hosting;

/// <summary>Describes and writes the reason why the app does not start.</summary>
internal static class StartFailure
{
    /// <summary>The error number ENOMEM (errno(3)), and the file descriptor of stderr.</summary>
    private const int OutOfMemory = 12, StandardError = 2;

    private const string Example = "http://127.0.0.1:8080";

    private const string PortAdvice =
        $"Another process uses the port: end that process, or choose another port with --urls {Example} (gRPC: --grpc-urls).";

    /// <summary>Describes the failure in one line for the person who starts the app.</summary>
    /// <param name="getAddresses">Returns the addresses that the app tried to listen on; empty when they are not known.</param>
    public static string Describe(Exception exception, Func<ICollection<string>> getAddresses) => exception switch
    {
        AggregateException aggregate => string.Join(" ", aggregate.InnerExceptions.Select(inner => Describe(inner, getAddresses))),
        IOException { InnerException: AddressInUseException } => $"{exception.Message.TrimEnd('.')}. {PortAdvice}",
        // The message of a SocketException contains no address, unlike the server's other messages.
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } =>
            $"Cannot listen on {JoinAddresses(getAddresses())}: the port is in use. {PortAdvice}",
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            $"Cannot listen on {JoinAddresses(getAddresses())}: this user may not use the port. Choose a port from 1024, such as --urls {Example}.",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
            $"Cannot listen on {JoinAddresses(getAddresses())}: this machine does not have the address. "
            + "Use an address of this machine, or --urls http://0.0.0.0:8080 for all addresses.",
        SocketException => $"Cannot listen on {JoinAddresses(getAddresses())}: {exception.Message}.",
        OutOfMemoryException or Win32Exception { NativeErrorCode: OutOfMemory } => DescribeMemory(),
        TypeInitializationException { InnerException: { } inner } => Describe(inner, getAddresses),
        _ => exception.Message,
    };

    /// <summary>Writes the reason to stderr in one line, even when there is not enough memory for <see cref="Console"/>.</summary>
    public static void Write(string reason)
    {
        var line = $"Cannot start: {reason}";
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (Exception e) when (e is Win32Exception or OutOfMemoryException or TypeInitializationException)
        {
            using var stderr = new SafeFileHandle(StandardError, ownsHandle: false);
            RandomAccess.Write(stderr, Encoding.UTF8.GetBytes(line + "\n"), fileOffset: 0);
        }
    }

    private static string JoinAddresses(ICollection<string> addresses) =>
        addresses.Count > 0 ? string.Join(", ", addresses) : "--urls and --grpc-urls";

    private static string DescribeMemory() => ResourceLimits.AddressSpace is { } limit
        ? FormattableString.Invariant($"There is not enough memory: the process may use {limit} bytes of address space; ")
            + FormattableString.Invariant(
                $"it needs at least {ResourceLimits.MinAddressSpace}. Raise that limit (ulimit -v, prlimit --as) or remove it.")
        : "There is not enough memory. Give the process or its container more memory.";
}
