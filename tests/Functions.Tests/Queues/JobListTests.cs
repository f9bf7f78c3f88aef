using System.Net;
using System.Text;
using System.Text.Json;
using Functions.Tests.Host;
using Inference.Testing;

namespace Functions.Tests.Queues;

/// <summary>Tests GET /jobs with a container that other processes also use.</summary>
[Collection(QueuesCollection.Name)]
public sealed class JobListTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task List_ByPages_HasEveryJobOnceWithStateAndAge()
    {
        await using var scenario = await PredictionScenario.CreateAsync(azurite);
        await using var host = await scenario.StartUnderHostAsync();
        var submitted = new HashSet<string>();
        for (var i = 0; i < 5; i++)
            submitted.Add(await SubmitAsync(host.Client, i == 0 ? """{"features":[1]}""" : """{"features":[1,2,3,4]}"""));
        var failed = await PredictionScenario.ReceiveAsync(scenario.Queue);
        await host.InvokeQueueAsync(PredictionScenario.Function, failed);
        var done = await PredictionScenario.ReceiveAsync(scenario.Queue);
        await host.InvokeQueueAsync(PredictionScenario.Function, done);
        // Foreign blobs in the folder of jobs are not listed, and do not hide jobs.
        await scenario.Container.GetBlobClient("jobs/notes.txt").UploadAsync(new BinaryData("?"));
        await scenario.Container.GetBlobClient("jobs/broken.json").UploadAsync(new BinaryData("?"));

        var jobs = new List<JsonElement>();
        var pages = 0;
        string? continuation = null;
        do
        {
            var page = await GetAsync(host.Client, $"/jobs?limit=2&continuation={continuation}");
            jobs.AddRange(page.GetProperty("jobs").EnumerateArray());
            continuation = page.TryGetProperty("continuation", out var next) ? next.GetString() : null;
            pages++;
        }
        while (continuation is not null);

        Assert.Equal(3, pages);
        Assert.Equal(submitted.Order(), jobs.Select(job => job.GetProperty("id").GetString()!).Order());
        Assert.Equal(
            ["failed", "queued", "queued", "queued", "succeeded"], jobs.Select(job => job.GetProperty("status").GetString()!).Order());
        Assert.All(jobs, job => Assert.InRange(job.GetProperty("ageSeconds").GetInt64(), 0, 600));
        var succeeded = jobs.Single(job => job.GetProperty("status").GetString() == "succeeded");
        Assert.False(succeeded.TryGetProperty("result", out _));
        Assert.Equal($"/jobs/{succeeded.GetProperty("id").GetString()}/result", succeeded.GetProperty("resultUrl").GetString());
        var error = jobs.Single(job => job.GetProperty("status").GetString() == "failed").GetProperty("error");
        Assert.Equal("invalidShape", error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task List_WrongQuery_Is400AndExplainsTheFix()
    {
        (string Query, string Message)[] cases =
        [
            ("limit=0", "limit is \"0\""), ("limit=101", "1 to 100"), ("limit=-1", "limit"), ("limit=x", "limit"),
            ("continuation=x", "continuation is \"x\""), ("continuation=1-..%2fa", "continuation"),
            ("continuation=99999999999999999-a", "continuation"),
        ];
        await using var process = await FunctionsProcess.StartAsync(("AzureWebJobsStorage", azurite.ConnectionString));

        foreach (var (query, message) in cases)
        {
            using var response = await process.Client.GetAsync(new Uri($"/jobs?{query}", UriKind.Relative));

            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var detail = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("detail").GetString();
            AssertText.Contains(message, detail);
        }
    }

    [Fact]
    public async Task List_NothingStored_IsEmpty()
    {
        await using var process = await FunctionsProcess.StartAsync(
            ("AzureWebJobsStorage", azurite.ConnectionString), ("Predictions__Container", $"none-{Guid.NewGuid():N}"));

        Assert.Equal("""{"jobs":[]}""", (await process.GetAsync("/jobs")).ToString());
    }

    [Fact]
    public async Task List_FunctionKey_Is401BecauseAnIdAdmitsToItsJob()
    {
        await using var process = await FunctionsProcess.StartAsync(
            ("AzureWebJobsStorage", azurite.ConnectionString), ("Keys__Function", "f-key"), ("Keys__Admin", "a-key"));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync("f-key"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("a-key"));

        async Task<HttpStatusCode> StatusAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/jobs");
            request.Headers.Add("x-functions-key", key);
            using var response = await process.Client.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task List_WithoutStorage_Is501AndNamesTheSetting()
    {
        await using var process = await FunctionsProcess.StartAsync();

        using var response = await process.Client.GetAsync(new Uri("/jobs", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.Contains("AzureWebJobsStorage", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> SubmitAsync(HttpClient client, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("/models/fixed_batch/jobs", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await HostedApp.ReadAsync(response);
    }
}
