using Azure;
using Azure.Identity;

namespace Inference.Azure.Models;

/// <summary>What went wrong with the store, told to the person who asked for a prediction: never a key, never a SAS.</summary>
internal static class StoreFailure
{
    /// <summary>Long enough not to hammer a store that is down, short enough that nobody notices once it is back.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    public static InferenceException From(Exception cause, string store) => cause switch
    {
        RequestFailedException { ErrorCode: "ContainerNotFound" } => Unavailable(
            $"The model container {store} does not exist. Create it, or change Models__Source.", cause),
        RequestFailedException { Status: 401 or 403 } or AuthenticationFailedException => Unavailable(
            $"The model store {store} refused access ({Describe(cause)}). Check the key, the SAS or that the identity has the role "
            + "Storage Blob Data Reader.", cause),
        _ => Unavailable($"The model store {store} cannot be reached: {Describe(cause)}.", cause),
    };

    public static InferenceException Changed(string what, Exception? cause = null) => new(
        InferenceError.ModelUnavailable, $"{what} changed or went since it was listed; asked again it is served from its new content.", cause)
    {
        RetryAfter = TimeSpan.Zero,
    };

    public static InferenceException Unavailable(string message, Exception? cause = null) =>
        new(InferenceError.ModelUnavailable, message, cause) { RetryAfter = Pause };

    /// <summary>
    /// One line. Of an answer of the service only its status and code: its text can quote the request, signature included.
    /// </summary>
    public static string Describe(Exception cause) => cause switch
    {
        RequestFailedException { Status: > 0 } answer => $"{answer.Status} {answer.ErrorCode}".TrimEnd(),
        AggregateException { InnerException: { } inner } => Describe(inner),
        _ => cause.Message.Split('\n')[0].TrimEnd('\r', ' ', '.'),
    };
}
