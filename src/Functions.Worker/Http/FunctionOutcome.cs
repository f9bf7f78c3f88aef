namespace Functions.Worker.Http;

/// <summary>The outcome of an invocation.</summary>
/// <param name="Exception">Null for a success.</param>
/// <param name="IsCancelled">Whether the invocation ended because it was cancelled.</param>
internal readonly record struct FunctionOutcome(Exception? Exception, bool IsCancelled)
{
    public static FunctionOutcome Success => default;

    public static FunctionOutcome Failed(Exception exception) => new(exception, IsCancelled: false);

    public static FunctionOutcome Cancelled(Exception exception) => new(exception, IsCancelled: true);
}
