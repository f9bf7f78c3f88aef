using System.Text;
using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators.Emit;

/// <summary>Writes the code that creates the instance of a function's class and calls the function's method.</summary>
internal static class TargetEmitter
{
    public static void AppendInstance(StringBuilder source, FunctionTarget target)
    {
        if (target.Services is not { } services)
            return;

        const string Extensions = "global::Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions";
        var arguments = services.Select(s => $"\n                {Extensions}.GetRequiredService<{s}>(context.InstanceServices)");
        source.Append($"            var instance = new {target.Type}({string.Join(",", arguments)});\n");
    }

    public static string FormatCall(FunctionTarget target, IEnumerable<string> arguments) =>
        $"{(target.Services is null ? target.Type : "instance")}.{target.Method}({string.Join(", ", arguments)})";
}
