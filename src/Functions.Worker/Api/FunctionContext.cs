namespace Microsoft.Azure.Functions.Worker;

/// <summary>One invocation of a function.</summary>
public abstract class FunctionContext
{
    public abstract string InvocationId { get; }

    public abstract string FunctionId { get; }

    public abstract FunctionDefinition FunctionDefinition { get; }

    public abstract TraceContext TraceContext { get; }

    public abstract RetryContext RetryContext { get; }

    /// <summary>The services of this invocation; scoped ones end with it.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>Cancelled when nobody waits for the invocation any more.</summary>
    public abstract CancellationToken CancellationToken { get; }

    /// <summary>For sharing data within the invocation.</summary>
    public abstract IDictionary<object, object> Items { get; set; }
}
