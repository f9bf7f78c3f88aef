using System.Text;
using Functions.Worker.Registry;

namespace Functions.Worker.Generators.Tests;

/// <summary>The apps of the golden files, compiled and loaded into this process.</summary>
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

    /// <summary>
    /// Calls a function with a message. Returns the entries of the function's journal, and each output as <c>binding: value</c>.
    /// </summary>
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

    /// <summary>Provides the only service that the apps need: an action that writes to the journal.</summary>
    private sealed class Services(Action<string> journal) : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(Action<string>) ? journal : null;
    }
}
