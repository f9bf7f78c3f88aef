using System.Reflection;
using Microsoft.Coyote;
using Microsoft.Coyote.Rewriting;

namespace Inference.Systematic;

/// <summary>
/// Rewrites an assembly for Coyote, as the tool <c>coyote rewrite</c> does. The tool is not in every package feed. Its entry points in the
/// library are internal, so they are called by reflection.
/// </summary>
internal static class Rewriter
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static void Rewrite(Assembly program, string target)
    {
        var source = Path.GetDirectoryName(program.Location)!;
        var run = typeof(RewritingEngine).GetMethods(Any).Single(method => method is { Name: "Run", IsStatic: true });
        var types = Array.ConvertAll(run.GetParameters(), parameter => parameter.ParameterType);
        var options = types[0].GetMethod("Create", Any)!.Invoke(null, null)!;
        types[0].GetProperty("AssembliesDirectory", Any)!.SetValue(options, source);
        types[0].GetProperty("OutputDirectory", Any)!.SetValue(options, target);
        types[0].GetProperty("AssemblyPaths", Any)!.SetValue(options, new HashSet<string> { program.Location });
        var configuration = Configuration.Create().WithTelemetryEnabled(false);
        var log = Activator.CreateInstance(types[2], Any, null, [configuration, true], null);
        run.Invoke(null, [options, configuration, log, Activator.CreateInstance(types[3], nonPublic: true)]);
    }
}
