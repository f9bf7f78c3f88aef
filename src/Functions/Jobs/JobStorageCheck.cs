using Functions.Hosting;
using Functions.Predictions;
using Microsoft.AspNetCore.Http;
using StorageAccounts;

namespace Functions.Jobs;

/// <summary>Checks the storage account that jobs need.</summary>
internal static class JobStorageCheck
{
    /// <summary>
    /// Describes why jobs cannot be used; null when they can. The settings are checked first, because a failed sign-in would not name the
    /// missing setting.
    /// </summary>
    public static RefusedRequestException? FindProblem(StorageAccount account) => account switch
    {
        { IsSet: false } => CreateError("It is not set.", ServerErrorCodes.StorageNotSet),
        { Problem: { } problem } => CreateError(problem, ServerErrorCodes.StorageSettings),
        _ => null,
    };

    /// <summary>Creates the error of a request about jobs that the storage account does not allow.</summary>
    public static RefusedRequestException CreateError(string reason, string code) => new(
        $"Jobs are kept in the storage account of the setting InferenceStorage, or else of AzureWebJobsStorage. {reason}",
        StatusCodes.Status501NotImplemented,
        code);
}
