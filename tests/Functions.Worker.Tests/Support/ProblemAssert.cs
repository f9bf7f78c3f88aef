using System.Net;
using System.Text.Json;

namespace Functions.Worker.Tests.Support;

internal static class ProblemAssert
{
    /// <summary>Asserts that the response is a problem with this status, and returns its detail.</summary>
    public static async Task<string> IsProblemAsync(HttpStatusCode status, HttpResponseMessage response)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((int)status, json.RootElement.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(json.RootElement.GetProperty("title").GetString()));
        return json.RootElement.GetProperty("detail").GetString()!;
    }
}
