using System.Net.Sockets;
using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;

namespace StorageAccounts;

/// <summary>
/// Describes a failure of a storage account: the service's message, and what to do. The text never contains a key or a signature.
/// </summary>
public static partial class StorageProblem
{
    /// <summary>
    /// The number of characters after which a service's message is cut. Azurite's longest message, about a refused API version, has 300.
    /// </summary>
    private const int MaxMessageLength = 400;

    /// <summary>
    /// Describes a failure in one line without a full stop. An error response of the service is described by its status, its code and the
    /// first line of its message. The other lines of the message are omitted, because they repeat the whole response.
    /// </summary>
    public static string Describe(Exception cause) => cause switch
    {
        RequestFailedException { Status: > 0 } response =>
            $"{response.Status} {response.ErrorCode}".TrimEnd() + FormatMessage(GetFirstLine(response.Message), response.ErrorCode),
        AggregateException { InnerExceptions: [var first, ..] } => Describe(first),
        _ => GetFirstLine(cause.Message),
    };

    /// <summary>
    /// Returns advice about a failure, in whole sentences. The result is empty if there is no advice, or if the description of the failure
    /// already contains the advice.
    /// </summary>
    public static string Advise(Exception cause) => cause switch
    {
        AggregateException { InnerExceptions: [var first, ..] } => Advise(first),
        RequestFailedException { Status: > 0 } response => Advise(response),
        AuthenticationFailedException =>
            "Give the process an identity: a managed identity (name a user-assigned one in the setting's __clientId), "
            + "or, on a developer's machine, log in with az login.",
        { InnerException: HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound } } } =>
            "Check the name of the account: no server has that name.",
        _ => "",
    };

    private static string Advise(RequestFailedException response) => response.ErrorCode switch
    {
        "InvalidHeaderValue" when response.Message.Contains("API version", StringComparison.OrdinalIgnoreCase) =>
            "The emulator is older than this server: upgrade Azurite, or start it with --skipApiVersionCheck.",
        "BlobArchived" =>
            "Move the blob to an online tier (az storage blob set-tier --tier Hot) and wait until the move has ended, which takes hours.",
        "BlobBeingRehydrated" => "The blob is being moved to an online tier. Wait until the move has ended.",
        "AuthenticationFailed" or "InvalidAuthenticationInfo" =>
            "Check the key or the SAS, its expiry, the tenant of the identity, and the clock of this machine.",
        "AuthorizationPermissionMismatch" or "InsufficientAccountPermissions" =>
            "Give the identity the role Storage Blob Data Reader for models, and Storage Blob Data Contributor and "
            + "Storage Queue Data Contributor for results and queues; a SAS needs the same permissions.",
        // Azurite's code for a wrong key.
        "AuthorizationFailure" when response.Message.Contains("authenticate", StringComparison.Ordinal) =>
            "Check the key or the SAS, and its expiry.",
        "AuthorizationFailure" or "PublicAccessNotPermitted" =>
            "Allow this network to reach the account: the account's firewall or private endpoints refuse the request.",
        "KeyBasedAuthenticationNotPermitted" =>
            "The account refuses keys. To use an identity, remove the connection string, and set the setting's __accountName.",
        "AccountIsDisabled" => "Enable the account, or pay for its subscription.",
        _ when response.Status is 401 or 403 => "Check the key, the SAS, or that the identity has the role Storage Blob Data Reader.",
        _ => "",
    };

    /// <summary>
    /// Returns a colon and the message. The result is empty when the message only repeats the code and the status, as for a response
    /// without a body.
    /// </summary>
    private static string FormatMessage(string message, string? code) =>
        message.Length == 0 || message == code || message.StartsWith("Service request failed", StringComparison.Ordinal)
            ? ""
            : $": {message}";

    /// <summary>Returns the first line of a message, shortened and without secrets.</summary>
    private static string GetFirstLine(string message)
    {
        var line = SecretValue().Replace(message.Split('\n')[0].TrimEnd('\r', ' ', '.'), "$1[hidden]");
        if (line.Length <= MaxMessageLength)
            return line;
        var length = char.IsHighSurrogate(line[MaxMessageLength - 1]) ? MaxMessageLength - 1 : MaxMessageLength;
        return line[..length] + "...";
    }

    [GeneratedRegex("""((?:\bsig|AccountKey|SharedAccessSignature)=)[^&;\s"']+""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex SecretValue();
}
