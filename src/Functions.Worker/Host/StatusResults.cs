using Functions.Worker.Http;
using Functions.Worker.Protocol;

namespace Functions.Worker.Host;

/// <summary>Creates the results that tell the Functions host whether an operation succeeded.</summary>
internal static class StatusResults
{
    /// <summary>The success status, set explicitly because the host treats a missing status as a failure.</summary>
    public static StatusResult Success => new() { Status = StatusResult.Types.Status.Success };

    /// <summary>Creates the result of a failure in the app's own code, with the details of the exception.</summary>
    public static StatusResult Failure(Exception exception) => new()
    {
        Status = StatusResult.Types.Status.Failure,
        Exception = Describe(exception, isUserException: true),
    };

    public static StatusResult Failure(string message) => new()
    {
        Status = StatusResult.Types.Status.Failure,
        Exception = new RpcException { Message = message, Source = "Functions.Worker" },
    };

    public static StatusResult From(FunctionOutcome outcome) => outcome switch
    {
        { Exception: null } => Success,
        { Exception: var e, IsCancelled: true } => new()
        {
            Status = StatusResult.Types.Status.Cancelled,
            Exception = Describe(e, isUserException: true),
        },
        { Exception: var e } => Failure(e),
    };

    public static RpcException Describe(Exception exception, bool isUserException) => new()
    {
        Message = exception.Message,
        Type = exception.GetType().FullName ?? "",
        StackTrace = exception.StackTrace ?? "",
        Source = exception.Source ?? "",
        IsUserException = isUserException,
    };
}
