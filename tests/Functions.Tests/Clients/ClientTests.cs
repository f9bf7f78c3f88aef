using Inference.Testing;

namespace Functions.Tests.Clients;

/// <summary>
/// Requests of public clients, collected from bug reports of similar servers, are accepted, or refused with the reason. One server handles
/// all cases. To add a reported case, add a row to one of the tables beside this file.
/// </summary>
public sealed class ClientTests(ClientTests.Server server) : IClassFixture<ClientTests.Server>
{
    private static readonly Dictionary<string, ClientCase> Cases =
        new[] { JsonCases.All, ValueCases.All, SurfaceCases.All, OutputCases.All, ImageCases.All, LayoutCases.All }
            .SelectMany(rows => rows).ToDictionary(row => row.Name);

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answer_IsRight(string name)
    {
        var row = Cases[name];
        using var request = row.Request();

        using var response = await server.Process.Client.SendAsync(request);

        var body = await response.Content.ReadAsStringAsync();
        Assert.True(row.Status == (int)response.StatusCode, $"{(int)response.StatusCode}: {body}");
        Assert.All(row.ExpectedTexts, text => Assert.Contains(text, body, StringComparison.Ordinal));
        Assert.All(row.UnexpectedTexts, text => Assert.DoesNotContain(text, body, StringComparison.Ordinal));
        Assert.All(
            row.ExpectedHeaders, line => Assert.Contains(line, $"{response.Headers}{response.Content.Headers}", StringComparison.Ordinal));
    }

    /// <summary>The server of all cases.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _folder = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            TestModels.CopyTo("dynamic_inner", _folder.PathOf("dynamic_inner", "1"));
            OutputCases.Write(_folder);
            ImageCases.AddModels(_folder);
            LayoutCases.AddModels(_folder);
            ValueCases.WriteModels(_folder);
            // gRPC adds routes, which must not change the responses of the HTTP routes.
            Process = await _folder.ServeAsync(("Grpc__Urls", "http://127.0.0.1:0"));
            await Process.WaitUntilReadyAsync();
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _folder.Dispose();
        }
    }
}
