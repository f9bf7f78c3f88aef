// Requests a prediction by queue message, and reads its result. Uses C# and Azure's SDK.
// dotnet run samples/enqueue.cs <URL of the queue predictions, with a SAS that may add>
// <URL of the container prediction-results, with a SAS that may read>
#:property PublishAot=false
#:package Azure.Storage.Blobs
#:package Azure.Storage.Queues

using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues;

// The SDK sends plain text, as the server expects. With an identity: new QueueClient(uri, new DefaultAzureCredential()).
var queue = new QueueClient(new Uri(args[0]));
var container = new BlobContainerClient(new Uri(args[1]));

var id = $"order-{Guid.NewGuid():N}";
await queue.SendMessageAsync($$$"""{"id":"{{{id}}}","model":"iris","request":{"features":[5.1,3.5,1.4,0.2]}}""");

// The prediction has ended when the blob with its result exists.
JsonElement? result = null;
while (result is null)
{
    try
    {
        BlobDownloadResult blob = await container.GetBlobClient($"{id}.json").DownloadContentAsync();
        result = JsonElement.Parse(blob.Content);
    }
    catch (RequestFailedException e) when (e.Status == 404)
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
    }
}

var label = result.Value.GetProperty("result").GetProperty("labels")[0][0].GetProperty("label");
Console.WriteLine($"queue: {result.Value.GetProperty("status")}, {label}");
