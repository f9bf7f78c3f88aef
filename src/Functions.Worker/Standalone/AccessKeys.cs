using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>The keys of the standalone server. With none set, everything is open. A blank key is none.</summary>
internal sealed class AccessKeys(string? function, string? admin)
{
    private const string WrongKey = "Send a valid key in the header x-functions-key or in the query parameter code.";
    private const string NoAdminKey = "This needs the admin key, and none is configured: Keys__Admin is not set.";

    private readonly byte[]? _function = Hash(function);
    private readonly byte[]? _admin = Hash(admin);

    public static AccessKeys From(IConfiguration settings) => new(settings["Keys:Function"], settings["Keys:Admin"]);

    public bool HasFunctionKey => _function is not null;

    public bool AreSet => _function is not null || _admin is not null;

    /// <summary>Null when the request may pass, or else what it lacks.</summary>
    public string? WhatIsMissing(AuthorizationLevel level, HttpRequest request)
    {
        if (level == AuthorizationLevel.Anonymous || !AreSet)
            return null;

        var isAdminOnly = level != AuthorizationLevel.Function;
        if (isAdminOnly && _admin is null)
            return NoAdminKey;

        var sent = Hash(Sent(request));
        return Matches(sent, _admin) || (!isAdminOnly && Matches(sent, _function)) ? null : WrongKey;
    }

    private static string? Sent(HttpRequest request) =>
        request.Headers.TryGetValue("x-functions-key", out var header) ? header.ToString() : request.Query["code"].ToString();

    /// <summary>Hashes have one length, so the comparison tells nothing about the key's, not even by its duration.</summary>
    private static byte[]? Hash(string? key) => string.IsNullOrWhiteSpace(key) ? null : SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static bool Matches(byte[]? sent, byte[]? key) =>
        sent is not null && key is not null && CryptographicOperations.FixedTimeEquals(sent, key);
}
