// The queue side of the load comparison.
//
//     Queues fill <messages> <file with the features, a JSON array>   asks the digits model for predictions
//     Queues drain <messages> <parallel>                              receives 32 at a time and deletes them
//     Queues answer <messages> <parallel>                             the same, with a result blob and a result message for each
//     Queues watch <messages>                                         waits until the app has answered all of them
//
// AzureWebJobsStorage names the storage. All commands but fill print messages/s.
using System.Globalization;

var connection = Environment.GetEnvironmentVariable("AzureWebJobsStorage")
    ?? throw new ArgumentException("AzureWebJobsStorage is not set.");
var storage = new PredictionStorage(connection);
var count = int.Parse(args[1], CultureInfo.InvariantCulture);
double? rate = null;
switch (args[0])
{
    case "fill":
        await storage.FillAsync(count, await File.ReadAllTextAsync(args[2]));
        break;
    case "drain":
    case "answer":
        rate = await storage.DrainAsync(count, int.Parse(args[2], CultureInfo.InvariantCulture), answers: args[0] == "answer");
        break;
    case "watch":
        rate = await storage.WatchAsync(count);
        break;
    default:
        throw new ArgumentException($"\"{args[0]}\" is not fill, drain, answer or watch.");
}

if (rate is { } messages)
    Console.WriteLine(messages.ToString(CultureInfo.InvariantCulture));
