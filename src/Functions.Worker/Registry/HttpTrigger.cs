using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Registry;

/// <summary>Describes the requests that call an HTTP function, and holds the delegate that calls the function.</summary>
public sealed class HttpTrigger
{
    /// <summary>The key that a request needs. The Functions host or the standalone server checks the key.</summary>
    public required AuthorizationLevel Level { get; init; }

    /// <summary>The HTTP methods, in upper case; empty means every method.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>The route template below the route prefix; never empty.</summary>
    public required string Route { get; init; }

    /// <summary>Calls the function.</summary>
    public required HttpFunction Invoke { get; init; }
}
