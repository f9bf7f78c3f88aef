namespace Functions.Worker.Registry;

/// <summary>
/// The functions of this process. Generated code adds the functions while its module loads, before the app's first statement.
/// </summary>
public static class FunctionRegistry
{
    private static readonly List<FunctionDescriptor> All = [];

    /// <summary>The functions that were added.</summary>
    public static IReadOnlyList<FunctionDescriptor> Functions => All;

    /// <summary>Adds a function. Only generated code calls this method.</summary>
    public static void Add(FunctionDescriptor function) => All.Add(function);
}
