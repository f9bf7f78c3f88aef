using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Inference.Systematic;
using Microsoft.Coyote.Rewriting;

// Explores the schedules of PredictionScenario, as many as the argument says. Exit code 0: no schedule breaks it.
var program = Assembly.GetExecutingAssembly();
if (RewritingEngine.IsAssemblyRewritten(program))
    return PredictionScenario.Explore(uint.Parse(args[0], CultureInfo.InvariantCulture));

var rewritten = Directory.CreateTempSubdirectory("systematic").FullName;
try
{
    Rewriter.Rewrite(program, rewritten);
    using var child = Process.Start("dotnet", [Path.Combine(rewritten, Path.GetFileName(program.Location)), .. args]);
    child.WaitForExit();
    return child.ExitCode;
}
finally
{
    Directory.Delete(rewritten, recursive: true);
}
