using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>The keys of the standalone server. Without any key, every route is open. A blank key counts as not set.</summary>
internal sealed class AccessKeys(string? function, string? admin)
{
    /// <summary>
    /// The value of WWW-Authenticate, which every 401 must have (RFC 9110, section 11.6.1). Browsers do not prompt for a Bearer token.
    /// </summary>
    public const string Challenge = "Bearer";

    private const string HttpLocations = "in the header x-functions-key, as Authorization: Bearer <key>, or in the query parameter code.";
    private const string GrpcLocations = "in the metadata x-functions-key, or in the metadata authorization as Bearer <key>.";
    private const string WrongKey = "Send a valid key";
    private const string WrongAdminKey = "The request needs the admin key. Send it";
    private const string NoAdminKey = "The request needs the admin key, but the server has none. Set Keys__Admin on the server.";

    private readonly byte[]? _functionHash = Hash(function);
    private readonly byte[]? _adminHash = Hash(admin);

    public static AccessKeys From(IConfiguration settings) => new(settings["Keys:Function"], settings["Keys:Admin"]);

    public bool HasFunctionKey => _functionHash is not null;

    public bool AreSet => _functionHash is not null || _adminHash is not null;

    /// <summary>Returns null when the request may pass, or else a description of the missing key.</summary>
    public string? FindMissingKey(AuthorizationLevel level, HttpRequest request)
    {
        if (level == AuthorizationLevel.Anonymous || !AreSet)
            return null;

        var isAdminOnly = level != AuthorizationLevel.Function;
        if (isAdminOnly && _adminHash is null)
            return NoAdminKey;

        var sentHash = Hash(FindKey(request));
        var isValid = Matches(sentHash, _adminHash) || (!isAdminOnly && Matches(sentHash, _functionHash));
        return isValid
            ? null
            : $"{(isAdminOnly ? WrongAdminKey : WrongKey)} {(GrpcEndpoints.IsCall(request) ? GrpcLocations : HttpLocations)}";
    }

    /// <summary>
    /// Returns the first key of the request. The header Authorization is read last, because its value can be meant for a gateway in front
    /// of this server.
    /// </summary>
    private static string? FindKey(HttpRequest request)
    {
        if (request.Headers.TryGetValue("x-functions-key", out var header) && !string.IsNullOrWhiteSpace(header))
            return header.ToString();
        return request.Query["code"].ToString() is { Length: > 0 } code ? code : FindBearerToken(request.Headers.Authorization.ToString());
    }

    private static string? FindBearerToken(string authorization) =>
        authorization.Length > Challenge.Length
        && authorization.StartsWith(Challenge, StringComparison.OrdinalIgnoreCase)
        && authorization[Challenge.Length] == ' '
            ? authorization[Challenge.Length..].Trim()
            : null;

    /// <summary>Hashes the key. Hashes have equal lengths, so the duration of a comparison does not reveal the length of the key.</summary>
    private static byte[]? Hash(string? key) => string.IsNullOrWhiteSpace(key) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static bool Matches(byte[]? sentHash, byte[]? keyHash) =>
        sentHash is not null && keyHash is not null && CryptographicOperations.FixedTimeEquals(sentHash, keyHash);
}
