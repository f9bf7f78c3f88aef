namespace Functions.Worker.Http;

/// <summary>The outcome of an invocation.</summary>
/// <param name="Exception">The exception of the failed or cancelled function; null for a success.</param>
/// <param name="IsCancelled">Whether the invocation ended because it was cancelled.</param>
internal readonly record struct FunctionOutcome(Exception? Exception, bool IsCancelled)
{
    public static FunctionOutcome Success => default;

    public static FunctionOutcome Failed(Exception exception) => new(exception, IsCancelled: false);

    public static FunctionOutcome Cancelled(Exception exception) => new(exception, IsCancelled: true);
}
