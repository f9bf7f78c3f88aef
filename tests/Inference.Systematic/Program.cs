using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Inference.Systematic;
using Microsoft.Coyote.Rewriting;

// Explores schedules of the scenarios. The argument is the number of schedules for each scenario. The exit code is 0 when all schedules
// pass.
var program = Assembly.GetExecutingAssembly();
if (RewritingEngine.IsAssemblyRewritten(program))
{
    var iterations = uint.Parse(args[0], CultureInfo.InvariantCulture);
    var stands = Exploration.Run(nameof(PredictionScenario), PredictionScenario.RunAsync, iterations);
    stands &= Exploration.Run(nameof(PreparationScenario), PreparationScenario.RunAsync, iterations);
    return Exploration.Run(nameof(LifecycleScenario), LifecycleScenario.RunAsync, iterations) && stands ? 0 : 1;
}


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
