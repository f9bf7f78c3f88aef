using System.Text.Json;
using Cli.Server;

namespace Cli.Predict;

/// <summary>The descriptions of a model on a server. Each is requested when it is first needed, and at most once.</summary>
/// <param name="version">The number or label of a version; null for the default version.</param>
internal sealed class ModelInfo(ServerClient server, string model, string? version)
{
    private JsonElement? _description;
    private JsonElement? _metadata;

    public string Model => model;

    /// <summary>The route of the version, to which a call appends its name.</summary>
    public string Route => ServerClient.ModelRoute("models", model, version);

    /// <summary>Returns the server's description of the version. A version that does not load has no inputs and outputs in it.</summary>
    /// <exception cref="CliException">The server refuses the request.</exception>
    public async Task<JsonElement> DescribeAsync(CancellationToken cancellationToken) =>
        _description ??= await server.GetAsync(
            ServerClient.ModelRoute("models", model, version: null) + (version is null ? "" : $"?version={Uri.EscapeDataString(version)}"),
            cancellationToken);

    /// <summary>Returns the metadata of the version in the Open Inference Protocol.</summary>
    /// <exception cref="CliException">The server refuses the request.</exception>
    public async Task<JsonElement> GetMetadataAsync(CancellationToken cancellationToken) =>
        _metadata ??= await server.GetAsync(ServerClient.ModelRoute("v2/models", model, version), cancellationToken);
}
