// Calls predict and Open Inference, and runs a job. Uses C#.
// dotnet run samples/predict.cs [address]; the key, if the server asks for one, in $KEY.
#:property PublishAot=false

using System.Text;
using System.Text.Json;

const string Features = "[5.1,3.5,1.4,0.2]";

using var client = new HttpClient { BaseAddress = new Uri(args.Length > 0 ? args[0] : "http://127.0.0.1:7071") };
if (Environment.GetEnvironmentVariable("KEY") is { Length: > 0 } key)
    client.DefaultRequestHeaders.Add("x-functions-key", key);

var (prediction, _) = await PostAsync("/models/iris/predict", $$"""{"features":{{Features}}}""");
Console.WriteLine($"predict: {Label(prediction)}");

var (inference, _) = await PostAsync(
    "/v2/models/iris/infer", $$"""{"inputs":[{"name":"measurements","shape":[1,4],"datatype":"FP32","data":{{Features}}}]}""");
Console.WriteLine($"infer: {inference.GetProperty("outputs")[0].GetProperty("data")[0]}");

var (job, location) = await PostAsync("/models/iris/jobs", $$"""{"features":{{Features}}}""");
while (Status(job) is "queued" or "running")
{
    await Task.Delay(TimeSpan.FromSeconds(1));
    using var response = await client.GetAsync(location);
    job = await ReadAsync(response);
}

Console.WriteLine($"job: {Status(job)}, {Label(job.GetProperty("result"))}");

async Task<(JsonElement Answer, Uri? Location)> PostAsync(string path, string json)
{
    using var content = new StringContent(json, Encoding.UTF8, "application/json");
    using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
    return (await ReadAsync(response), response.Headers.Location);
}

// Throws the server's error, which ends the program.
static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
{
    var text = await response.Content.ReadAsStringAsync();
    return response.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new HttpRequestException($"{(int)response.StatusCode} {text}");
}

static string? Status(JsonElement job) => job.GetProperty("status").GetString();

static string? Label(JsonElement answer) => answer.GetProperty("labels")[0][0].GetProperty("label").GetString();
