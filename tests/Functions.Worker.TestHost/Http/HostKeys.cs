using Microsoft.AspNetCore.Http;

namespace Functions.Worker.TestHost.Http;

/// <summary>Checks access keys as the host does.</summary>
internal sealed class HostKeys(string? functionKey, string? masterKey)
{
    public bool Allows(HostFunction function, HttpRequest request)
    {
        if (function.AuthLevel == "anonymous" || (functionKey is null && masterKey is null))
            return true;
        var sent = request.Headers.TryGetValue("x-functions-key", out var header) ? header.ToString() : request.Query["code"].ToString();
        if (sent.Length == 0)
            return false;
        return sent == masterKey || (sent == functionKey && function.AuthLevel == "function");
    }
}
