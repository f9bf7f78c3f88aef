using System.CommandLine;
using Cli.Server;

namespace Cli;

/// <summary>The options that every command has.</summary>
internal static class GlobalOptions
{
    /// <summary>The name of the environment variable with the address of the server.</summary>
    public const string EndpointVariable = "INFERCTL_ENDPOINT";
    private const string DefaultEndpoint = "http://127.0.0.1:7071";
    private const string KeyVariable = "INFERCTL_KEY";

    public static readonly Option<string?> Endpoint = new("--endpoint")
    {
        Description = $"The server's address. Default: ${EndpointVariable}, or {DefaultEndpoint}",
        HelpName = "url",
        Recursive = true,
    };

    public static readonly Option<string?> Key = new("--key")
    {
        Description = $"The server's function key or admin key. Default: ${KeyVariable}, which other users of the machine cannot see",
        HelpName = "key",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON, for scripts", Recursive = true };

    /// <exception cref="CliException">The endpoint is not an http or https address, or the key cannot be sent in a header.</exception>
    public static ServerClient Connect(ParseResult parsed) =>
        Connect(parsed.GetValue(Endpoint) ?? ReadVariable(EndpointVariable) ?? DefaultEndpoint, Endpoint.Name, parsed);

    /// <summary>Connects to an endpoint with the key from <c>--key</c> or the environment.</summary>
    /// <param name="option">The option that names the endpoint, for advice.</param>
    /// <exception cref="CliException">The endpoint is not an http or https address, or the key cannot be sent in a header.</exception>
    public static ServerClient Connect(string endpoint, string option, ParseResult parsed)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw CliException.CreateUsageError($"\"{endpoint}\" is not the address of a server: write http://host:port or https://host.");
        }

        var key = parsed.GetValue(Key) ?? ReadVariable(KeyVariable);
        return key?.All(character => character is > ' ' and <= '~') is false
            ? throw CliException.CreateUsageError(
                $"The key from --key or {KeyVariable} contains a space, a line break or a non-ASCII character. Copy the key again.")
            : new ServerClient(uri, key, option);
    }

    /// <summary>Returns the value of an environment variable; null when the variable is missing or empty.</summary>
    public static string? ReadVariable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
