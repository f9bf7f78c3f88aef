using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Registry;

/// <summary>Which requests call a function, and the call.</summary>
public sealed class HttpTrigger
{
    public required AuthorizationLevel Level { get; init; }

    /// <summary>In upper case; empty means every method.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>The template below the route prefix; never empty.</summary>
    public required string Route { get; init; }

    public required HttpFunction Invoke { get; init; }
}
