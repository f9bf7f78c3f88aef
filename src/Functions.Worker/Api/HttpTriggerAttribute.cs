namespace Microsoft.Azure.Functions.Worker;

/// <summary>Calls the function for HTTP requests. Stands on the parameter that receives the request.</summary>
/// <param name="authLevel">What a caller must show.</param>
/// <param name="methods">The HTTP methods answered; none means all.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods) : Attribute
{
    public AuthorizationLevel AuthLevel { get; } = authLevel;

    public string[] Methods { get; } = methods;

    /// <summary>The route template below host.json's route prefix. The function's name when not set.</summary>
    public string? Route { get; set; }
}
