namespace Microsoft.Azure.Functions.Worker;

/// <summary>Makes a method a function of the app. The name is the app's own: unique, and what the host sorts by.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FunctionAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
