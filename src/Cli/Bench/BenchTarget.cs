using System.Text.Json;
using Cli.Server;

namespace Cli.Bench;

/// <summary>
/// The measured model on one endpoint. Requests use the Open Inference Protocol, so that bench can also measure other inference servers.
/// </summary>
internal sealed class BenchTarget(ServerClient server, string route, byte[] body) : IDisposable
{
    /// <summary>The host and port of the endpoint.</summary>
    public string Name => server.Endpoint.Authority;

    /// <summary>Creates a target, and sends one request so that the server loads the model.</summary>
    /// <param name="server">The client, which the target disposes. If this method throws, it has disposed the client.</param>
    /// <param name="data">The body of an infer request; null to generate one from the model's metadata.</param>
    /// <param name="items">The number of items in a generated request.</param>
    /// <exception cref="CliException">
    /// The server has no such model, the model's inputs cannot be generated, or the first request fails.
    /// </exception>
    public static async Task<BenchTarget> CreateAsync(
        ServerClient server, string model, string? version, string? data, int items, CancellationToken cancellationToken)
    {
        var route = ServerClient.ModelRoute("v2/models", model, version);
        try
        {
            byte[] body;
            if (data is null)
            {
                var metadata = await server.GetAsync(route, cancellationToken);
                body = ServerResponse.Read(() => SampleRequest.Create(metadata, items));
            }
            else
            {
                body = System.Text.Encoding.UTF8.GetBytes(data);
                CommandJson.Parse(body, "--data");
            }

            // This request makes the server load the model. If it fails, the command ends with one error, and measures nothing.
            await server.PostAsync(route + "/infer", ServerClient.JsonContent(body), cancellationToken);
            return new BenchTarget(server, route, body);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Sends one request and reads its whole response.</summary>
    /// <returns>The reason why the request failed; null when the request succeeded.</returns>
    public async Task<string?> SendAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var request =
                new HttpRequestMessage(HttpMethod.Post, route + "/infer") { Content = ServerClient.Content(body, "application/json") };
            using var response = await server.SendRawAsync(request, cancellationToken);
            await response.Content.CopyToAsync(Stream.Null, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"{(int)response.StatusCode} {response.StatusCode}";
        }
        catch (Exception e) when (e is CliException or HttpRequestException or IOException)
        {
            return e.Message;
        }
    }

    /// <summary>Reads the server's counters for the model; null when the server has no statistics.</summary>
    public async Task<ServerCounts?> CountAsync(CancellationToken cancellationToken)
    {
        using var response = await server.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, route + "/stats"), cancellationToken);
        if (!response.IsSuccessStatusCode)
            return null;
        var statistics = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return ServerResponse.Read(() => ServerCounts.Read(JsonElement.Parse(statistics)));
    }

    public void Dispose() => server.Dispose();
}
