using Functions.Hosting;
using Functions.Predictions;
using Microsoft.AspNetCore.Http;
using StorageAccounts;

namespace Functions.Jobs;

/// <summary>Checks whether the settings of the storage account allow jobs.</summary>
internal static class JobStorageCheck
{
    /// <summary>
    /// Returns the reason why the settings of the storage account do not allow jobs; null when jobs can be used. This check precedes every
    /// access, because the error of a failed access would not name the missing setting.
    /// </summary>
    public static string? FindProblem(StorageAccount account) => FindError(account)?.Message;

    /// <exception cref="RefusedRequestException">Status 501: the settings of the storage account do not allow jobs.</exception>
    public static void ThrowIfUnusable(StorageAccount account)
    {
        if (FindError(account) is var (message, code))
            throw new RefusedRequestException(message, StatusCodes.Status501NotImplemented, code);
    }

    /// <summary>Creates the error for a job request when the settings of the storage account cannot be used. The status is 501.</summary>
    public static RefusedRequestException CreateError(StorageSettingsException exception) =>
        new(Describe(exception.Message), StatusCodes.Status501NotImplemented, ServerErrorCodes.StorageSettings);

    private static (string Message, string Code)? FindError(StorageAccount account) => account switch
    {
        { IsSet: false } => (Describe("Neither is set. Set one of them."), ServerErrorCodes.StorageNotSet),
        { Problem: { } problem } => (Describe(problem), ServerErrorCodes.StorageSettings),
        _ => null,
    };

    private static string Describe(string reason) =>
        $"Jobs are kept in the storage account of the setting InferenceStorage, or of AzureWebJobsStorage if that is not set. {reason}";
}
