namespace Microsoft.Azure.Functions.Worker;

/// <summary>What is known of a function before it runs.</summary>
public abstract class FunctionDefinition
{
    /// <summary>The same after every build and restart.</summary>
    public abstract string Id { get; }

    public abstract string Name { get; }

    /// <summary>Namespace, class and method.</summary>
    public abstract string EntryPoint { get; }
}
