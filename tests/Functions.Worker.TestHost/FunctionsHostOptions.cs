namespace Functions.Worker.TestHost;

/// <summary>The options of a host.</summary>
public sealed record FunctionsHostOptions
{
    /// <summary>The app settings, which become environment variables of the worker.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whether the worker starts as a placeholder. A placeholder receives the settings in FunctionEnvironmentReload instead of environment
    /// variables. The measured start begins with that message.
    /// </summary>
    public bool StartsAsPlaceholder { get; init; }

    public InvocationOrder Order { get; init; } = InvocationOrder.ForwardFirst;

    /// <summary>
    /// With <see cref="InvocationOrder.OnSignal"/>, the host sends the InvocationRequest once this task has completed. The argument is the
    /// invocation's id.
    /// </summary>
    public Func<string, Task> Signal { get; init; } = static _ => Task.CompletedTask;

    /// <summary>Whether the host sends one FunctionLoadRequestCollection instead of a FunctionLoadRequest for each function.</summary>
    public bool LoadsAsCollection { get; init; }

    /// <summary>The key for functions of the level "function"; null for none.</summary>
    public string? FunctionKey { get; init; }

    /// <summary>The key for functions of every level; null for none. Without any key, all requests are allowed.</summary>
    public string? MasterKey { get; init; }

    /// <summary>The order of function names in which routes are tried. Default, as in the host: ordinal.</summary>
    public IComparer<string> RouteOrder { get; init; } = StringComparer.Ordinal;

    public HostLimits Limits { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
