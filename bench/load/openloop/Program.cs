// Sends requests at a fixed rate, whether or not responses arrive. The rate is a quarter of the server's capacity, then ten times its
// capacity. Then sends one request at a time until the server responds as fast as before.
//
//     OpenLoop <url> <file with the JSON body> <requests/s the server can do> <connections> <seconds>
//
// Prints one JSON object; times are milliseconds.
using System.Globalization;
using System.Text.Json;

const double UnloadedShare = 0.25;
const double OverloadFactor = 10;

var capacity = double.Parse(args[2], CultureInfo.InvariantCulture);
var duration = TimeSpan.FromSeconds(double.Parse(args[4], CultureInfo.InvariantCulture));
using var target = new Target(new Uri(args[0]), File.ReadAllBytes(args[1]), int.Parse(args[3], CultureInfo.InvariantCulture));

var unloaded = await new OpenLoop(target).RunAsync(capacity * UnloadedShare, duration);
var overload = new OpenLoop(target);
var underLoad = overload.RunAsync(capacity * OverloadFactor, duration);
await overload.Sent;
var recovery = await Recovery.WaitAsync(target, 3 * unloaded.Accepted.P99);
Console.WriteLine(JsonSerializer.Serialize(new { unloaded, overload = await underLoad, recovery }, JsonSerializerOptions.Web));
