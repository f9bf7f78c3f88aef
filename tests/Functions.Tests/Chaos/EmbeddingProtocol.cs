using System.Net;
using System.Text;
using System.Text.Json;

namespace Functions.Tests.Chaos;

/// <summary>Calls embeddings in OpenAI's format. A row becomes a text: 0 is the word hello, 1 the word world.</summary>
internal sealed class EmbeddingProtocol(HttpClient client) : IChaosProtocol
{
    public string Name => "embeddings";

    public bool HasTimeout => false;

    public TimeSpan Patience => ChaosClient.Patience;

    public async Task<ChaosReply> SendAsync(string model, float[] row, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var text = string.Join(' ', row.Select(word => word == 0 ? "hello" : "world"));
        using var body = new StringContent($$"""{"model":"{{model}}","input":"{{text}}"}""", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri("/v1/embeddings", UriKind.Relative), body, cancellationToken);
        var content = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
            return ChaosReply.Refusal((int)response.StatusCode, content);
        var embedding = JsonDocument.Parse(content).RootElement.GetProperty("data")[0].GetProperty("embedding");
        return ChaosReply.Answer([.. embedding.EnumerateArray().Select(value => value.GetSingle())]);
    }

    public void Dispose() => client.Dispose();
}
