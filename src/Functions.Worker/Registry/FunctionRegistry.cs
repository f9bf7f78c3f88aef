namespace Functions.Worker.Registry;

/// <summary>The functions of this process. Generated code adds them while its module loads, before the app's first statement.</summary>
public static class FunctionRegistry
{
    private static readonly List<FunctionDescriptor> All = [];

    public static IReadOnlyList<FunctionDescriptor> Functions => All;

    public static void Add(FunctionDescriptor function) => All.Add(function);
}
