using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Inference.Testing;

namespace StorageAccounts.Tests;

/// <summary>Tests responses from the documents of Azure Storage and from the source of Azurite.</summary>
public sealed class StorageProblemTests
{
    private const string Azurite =
        "The API version 2026-10-06 is not supported by Azurite. Please upgrade Azurite to latest version and retry. If you are using "
        + "Azurite in Visual Studio, please "
        + "check you have installed latest Visual Studio patch. Azurite command line parameter \"--skipApiVersionCheck\" or Visual Studio "
        + "Code configuration \"Skip Api Version Check\" can skip this error. ";

    [Theory]
    [InlineData(400, "InvalidHeaderValue", Azurite, "400 InvalidHeaderValue: The API version 2026-10-06 is not supported by Azurite.",
        "start it with --skipApiVersionCheck")]
    [InlineData(409, "BlobArchived", "This operation is not permitted on an archived blob.",
        "409 BlobArchived: This operation is not permitted on an archived blob", "set-tier --tier Hot")]
    [InlineData(403, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission.",
        "403 AuthorizationPermissionMismatch: This request", "Storage Blob Data Reader")]
    [InlineData(403, "KeyBasedAuthenticationNotPermitted", "Key based authentication is not permitted on this storage account.",
        "403 KeyBasedAuthenticationNotPermitted: Key based authentication", "__accountName")]
    [InlineData(403, "Unknown", "Service request failed.", "403 Unknown", "Check the key")]
    [InlineData(500, "InternalError", "The server encountered an internal error.",
        "500 InternalError: The server encountered an internal error", "")]
    public void Describe_ErrorResponse_HasItsMessageAndTheFix(
        int status, string code, string message, string description, string advice)
    {
        var failure = new RequestFailedException(status, $"{message}\nRequestId:1\nContent:\n<Error>&sig=secret</Error>", code, null);

        Assert.StartsWith(description, StorageProblem.Describe(failure), StringComparison.Ordinal);
        AssertText.Contains(advice, StorageProblem.Advise(failure));
        Assert.DoesNotContain("secret", StorageProblem.Describe(failure), StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_SignatureInTheFirstLine_IsHidden() => Assert.Equal(
        "400 Bad: /c?sig=[hidden]&se=1 is wrong",
        StorageProblem.Describe(new RequestFailedException(400, "/c?sig=abc%2Bdef&se=1 is wrong.", "Bad", null)));

    [Theory]
    [InlineData("ab", "ab")]
    [InlineData("abc", "ab...")]
    [InlineData("a\ud83d\ude00", "a...")]
    public void Describe_LongMessage_IsCutOffBetweenCharacters(string end, string expected)
    {
        var start = new string('x', 398);

        Assert.Equal(
            $"400 Bad: {start}{expected}", StorageProblem.Describe(new RequestFailedException(400, start + end, "Bad", null)));
    }

    [Fact]
    public void Advise_NoIdentity_SaysHowToGetOne() =>
        Assert.Contains("__clientId", StorageProblem.Advise(new CredentialUnavailableException("None.")), StringComparison.Ordinal);

    /// <summary>When the client gives up, its exception contains one failure for each attempt.</summary>
    [Fact]
    public void Advise_HostNotFound_NamesTheAccount()
    {
        var lookup = new HttpRequestException("abc.blob.core.windows.net:443", new SocketException((int)SocketError.HostNotFound));
        var failure = new AggregateException(new RequestFailedException(0, "No such host is known.", null, lookup));

        Assert.Equal("No such host is known", StorageProblem.Describe(failure));
        Assert.Contains("name of the account", StorageProblem.Advise(failure), StringComparison.Ordinal);
    }
}
