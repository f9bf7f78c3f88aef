// Measures the start of published workers under the double of the Functions host (tests/Functions.Worker.TestHost), as whole
// processes, from the process's creation to the first digits prediction through the host, model load included. The folders take turns,
// so that other load on the machine meets all of them. The first round is not counted, because it warms up the double and the file
// cache. A folder without worker.config.json holds an executable for the Azure runtime "native": it starts as a placeholder, and its
// times begin with the reload.
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
