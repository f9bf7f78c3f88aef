// Measures the start of published workers under the test double of the Functions host (tests/Functions.Worker.TestHost). The time runs from
// the creation of the process to the end of the first digits prediction through the host, including the load of the model. The folders
// alternate, so that other load on the machine affects all of them. The first round is not counted, because it warms up the double and the
// file cache. A folder without worker.config.json contains an executable for the Azure runtime "native". It starts as a placeholder, and
// its times begin with the reload.
//
//     dotnet run -c Release --project bench/startup/host -- [--runs 20] artifacts/app artifacts/official artifacts/native-runtime
using System.Globalization;
using StartupHost;

var runs = 20;
var folders = args;
if (args is ["--runs", var count, .. var rest])
    (runs, folders) = (int.Parse(count, CultureInfo.InvariantCulture), rest);
var apps = (folders.Length > 0 ? folders : ["artifacts/app"]).Select(folder => new MeasuredApp(folder)).ToList();

for (var run = 0; run <= runs; run++)
{
    foreach (var app in apps)
    {
        var start = await app.StartAsync();
        if (run > 0)
            app.Starts.Add(start);
    }
}

var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
Console.WriteLine($"Medians (fastest, slowest) of {runs} starts on {Environment.ProcessorCount} cores, load average {load} after.\n");
Console.WriteLine($"| under the host double | {string.Join(" | ", apps.Select(app => app.Name))} |");
Console.WriteLine($"|---|{string.Concat(apps.Select(_ => "---|"))}");
foreach (var (name, stage) in MeasuredStart.Stages)
    Console.WriteLine($"| {name} | {string.Join(" | ", apps.Select(app => app.Summarize(stage)))} |");
