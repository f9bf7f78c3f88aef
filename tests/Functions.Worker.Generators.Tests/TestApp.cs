using System.Text;
using Functions.Worker.Registry;

namespace Functions.Worker.Generators.Tests;

/// <summary>The golden apps, compiled and loaded into this process.</summary>
public sealed class TestApp
{
    private readonly Dictionary<string, FunctionDescriptor> _functions;

    public TestApp()
    {
        new GeneratorRun(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "Messages.input.txt"))).Load();
        new GeneratorRun(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "Outputs.input.txt"))).Load();
        _functions = FunctionRegistry.Functions.ToDictionary(f => f.Name);
    }

    internal FunctionDescriptor this[string function] => _functions[function];

    /// <summary>Calls a function with a message; what it sends is written <c>binding: value</c>, what it journals as it is.</summary>
    internal async Task<IReadOnlyList<string>> InvokeAsync(string function, byte[] body, Dictionary<string, string>? metadata = null)
    {
        var descriptor = _functions[function];
        var journal = new List<string>();
        var outputs = await descriptor.Message!.Invoke(
            new TriggerMessage(body, metadata ?? []), new TestContext(descriptor, new Services(journal.Add)));
        return [.. journal, .. outputs.Select(o => $"{o.Binding}: {o.Value}")];
    }

    internal Task<IReadOnlyList<string>> InvokeAsync(string function, string body, Dictionary<string, string>? metadata = null) =>
        InvokeAsync(function, Encoding.UTF8.GetBytes(body), metadata);

    /// <summary>Has the one service that the apps ask for.</summary>
    private sealed class Services(Action<string> journal) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(Action<string>) ? journal : null;
    }
}
