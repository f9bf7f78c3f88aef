namespace Functions.Worker.TestHost;

/// <summary>What a test chooses about its host.</summary>
public sealed record FunctionsHostOptions
{
    /// <summary>The app settings: environment variables of the worker.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Starts the worker as a placeholder, before the app is known. It gets the settings by FunctionEnvironmentReload, and not as
    /// environment variables. The times of its start begin with that message.
    /// </summary>
    public bool StartsAsPlaceholder { get; init; }

    public InvocationOrder Order { get; init; } = InvocationOrder.ForwardFirst;

    /// <summary>With <see cref="InvocationOrder.OnSignal"/>: the invocation is sent when this, given its id, has completed.</summary>
    public Func<string, Task> Signal { get; init; } = static _ => Task.CompletedTask;

    /// <summary>One FunctionLoadRequestCollection, instead of a FunctionLoadRequest for each function.</summary>
    public bool LoadsAsCollection { get; init; }

    /// <summary>What functions of level function ask for.</summary>
    public string? FunctionKey { get; init; }

    /// <summary>What functions of level admin ask for; it opens the others, too. With neither key set everyone may do everything.</summary>
    public string? MasterKey { get; init; }

    /// <summary>The order of the function names in which routes are tried. The host's is ordinal.</summary>
    public IComparer<string> RouteOrder { get; init; } = StringComparer.Ordinal;

    public HostLimits Limits { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
