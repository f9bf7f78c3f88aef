using System.Text.Json;

namespace Cli.Server;

/// <summary>Reads the JSON of successful responses.</summary>
internal static class ServerResponse
{
    /// <summary>
    /// Runs code that reads the members of a response. Other code stays outside, because its bugs would be reported as faults of the
    /// server.
    /// </summary>
    /// <exception cref="CliException">A member is missing or has another type, so the server is not an inference server.</exception>
    public static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e is KeyNotFoundException or IndexOutOfRangeException or JsonException or InvalidOperationException or FormatException)
        {
            throw new CliException($"The response is not from an inference server ({e.Message}).", cause: e) { Fix = "Check --endpoint." };
        }
    }

    /// <inheritdoc cref="Read{T}(Func{T})"/>
    public static void Read(Action read) => Read(() =>
    {
        read();
        return true;
    });
}
