using System.Globalization;
using Functions.Worker.Http;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Registry;

/// <summary>Reads route values for generated code.</summary>
public static class RouteValues
{
    /// <summary>The 404 response for a route value that is not a number of the expected type.</summary>
    public static IResult NotFound { get; } =
        new ProblemResult(StatusCodes.Status404NotFound, ProblemCodes.RouteNotFound, "A value in the path is not a whole number.");

    /// <summary>Returns a required route value, which every match of the route has.</summary>
    /// <exception cref="InvalidOperationException">The value is missing.</exception>
    public static string Get(HttpContext http, string name) =>
        GetOrNull(http, name) ?? throw new InvalidOperationException($"The route has matched without a value for '{name}'. This is a bug.");

    /// <summary>Returns a route value; null when the value is missing.</summary>
    public static string? GetOrNull(HttpContext http, string name) => (string?)http.Request.RouteValues[name];

    /// <summary>Reads a whole number; returns false when the value is missing or is not a number of this type.</summary>
    public static bool TryGet(HttpContext http, string name, out int value) =>
        int.TryParse(GetOrNull(http, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <inheritdoc cref="TryGet(HttpContext, string, out int)"/>
    public static bool TryGet(HttpContext http, string name, out long value) =>
        long.TryParse(GetOrNull(http, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
}
