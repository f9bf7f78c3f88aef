using Azure.Core;
using Azure.Identity;

namespace StorageAccounts;

/// <summary>
/// The default Azure credential, created when a token is first needed. Creating the credential at the start would slow down the start, even
/// for an app that finds its models in the cache and needs no token.
/// </summary>
internal sealed class LazyCredential(string? clientId) : TokenCredential
{
    private readonly Lazy<DefaultAzureCredential> _credential = new(() => new DefaultAzureCredential(CreateOptions(clientId)));

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        _credential.Value.GetToken(requestContext, cancellationToken);

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        _credential.Value.GetTokenAsync(requestContext, cancellationToken);

    private static DefaultAzureCredentialOptions CreateOptions(string? clientId)
    {
        var options = new DefaultAzureCredentialOptions();
        // Without an id, the default from AZURE_CLIENT_ID stays.
        if (!string.IsNullOrWhiteSpace(clientId))
            options.ManagedIdentityClientId = clientId;
        return options;
    }
}
