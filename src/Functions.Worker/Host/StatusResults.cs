using Functions.Worker.Http;
using Functions.Worker.Protocol;

namespace Functions.Worker.Host;

/// <summary>Results in the protocol's form.</summary>
internal static class StatusResults
{
    /// <summary>Said explicitly: a status that is left out is a failure.</summary>
    public static StatusResult Success => new() { Status = StatusResult.Types.Status.Success };

    /// <summary>A failure of the app's own code, or of how the worker was asked.</summary>
    public static StatusResult Failure(Exception exception, bool isUserException) => new()
    {
        Status = StatusResult.Types.Status.Failure,
        Exception = Describe(exception, isUserException),
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
        { Exception: var e } => Failure(e, isUserException: true),
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
