// Measures the published worker's start under the double of the Functions host (tests/Functions.Worker.TestHost), as whole
// processes: from the process's creation to its first message, to all functions loaded, and to the first digits prediction
// answered through the host, model load included. One start comes first and is not counted: it warms the double itself up.
//
//     dotnet run -c Release --project bench/startup/host -- artifacts/app [runs]
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Functions.Worker.TestHost;

var app = Path.GetFullPath(args.Length > 0 ? args[0] : "artifacts/app");
var runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20;
var features = string.Join(',', Enumerable.Repeat("0,0,5,13,9,1,0,0", 8));

var stages = new (string Name, double Goal, List<double> Milliseconds)[]
{
    ("start to StartStream", 45, []),
    ("start to all functions loaded", 110, []),
    ("start to first prediction", 150, []),
};
for (var run = 0; run <= runs; run++)
{
    await using var host = await FunctionsHostDouble.StartAsync(app);
    var asked = Stopwatch.GetTimestamp();
    using var body = new StringContent($"{{\"features\":[{features}]}}", Encoding.UTF8, "application/json");
    using var response = await host.Client.PostAsync(new Uri("/models/digits/predict", UriKind.Relative), body);
    response.EnsureSuccessStatusCode();
    await response.Content.ReadAsByteArrayAsync();
    if (run == 0)
        continue;
    stages[0].Milliseconds.Add(host.Times.StreamStarted.TotalMilliseconds);
    stages[1].Milliseconds.Add(host.Times.FunctionsLoaded.TotalMilliseconds);
    stages[2].Milliseconds.Add((host.Times.FunctionsLoaded + Stopwatch.GetElapsedTime(asked)).TotalMilliseconds);
}

Console.WriteLine(
    $"Medians of {runs} starts on {Environment.ProcessorCount} cores, load "
    + $"average {File.ReadAllText("/proc/loadavg").Split(' ')[0]} after.\n");
Console.WriteLine("| under the host double | median | fastest, slowest | goal |");
Console.WriteLine("|---|---|---|---|");
foreach (var (name, goal, milliseconds) in stages)
{
    milliseconds.Sort();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {milliseconds[runs / 2]:0} ms | {milliseconds[0]:0} ms, {milliseconds[^1]:0} ms | {goal:0} ms |"));
}
