using Azure;
using Azure.Identity;
using Cli.Models.Stores;
using Inference.Azure.Settings;

namespace Cli.Doctor;

/// <summary>The result of reading a store: its content, or the finding that says why it cannot be read.</summary>
internal sealed record StoreReadResult(StoreContent? Content, DoctorFinding? Failure)
{
    /// <param name="store">The store, as a value of <c>--store</c>; null when the store is not known.</param>
    /// <param name="files">The opened store; null if this method opens <paramref name="store"/>.</param>
    /// <returns>Null when the store is not known.</returns>
    public static async Task<StoreReadResult?> ReadAsync(string? store, IModelFiles? files, CancellationToken cancellationToken)
    {
        if (store is null)
            return null;
        var isFolder = !BlobModelStoreFactory.Handles(store);
        if (isFolder && !Directory.Exists(store))
        {
            return CreateFailure(
                File.Exists(store) ? $"{store} is a file; a folder is expected." : $"There is no folder {store}.",
                "Set --store to the folder in the server's Models__Source.");
        }

        files ??= StoreOptions.Open(store);
        try
        {
            return new StoreReadResult(await StoreContent.ReadAsync(store, files, cancellationToken), Failure: null);
        }
        catch (Exception e) when (IsStoreError(e))
        {
            return CreateFailure(
                $"{files} cannot be used: {StoreOptions.DescribeFailure(e)}",
                isFolder ? "Run inferctl as a user who may read the folder." : "Check --store, its key or SAS, and the network.");
        }
    }

    /// <summary>Whether an exception says that a store cannot be read.</summary>
    public static bool IsStoreError(Exception e) =>
        e is RequestFailedException or AuthenticationFailedException or IOException or UnauthorizedAccessException or AggregateException;

    private static StoreReadResult CreateFailure(string message, string fix) =>
        new(Content: null, new DoctorFinding("storage", FindingSeverity.Error, message, fix));
}
