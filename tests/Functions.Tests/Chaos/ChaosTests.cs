using System.Globalization;
using Inference.Testing;
using Xunit.Abstractions;

namespace Functions.Tests.Chaos;

/// <summary>
/// No model may stop another. Clients of all protocols call models that are good, slow, endless, broken or too large, while an operator
/// replaces, loads and unloads models. docs/development.md describes the long form of this test.
/// </summary>
[Collection(ChaosCollection.Name)]
public sealed class ChaosTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    private const int ShortSeconds = 30;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(Number("CHAOS_SECONDS") ?? ShortSeconds);

    private static readonly int Seed = Number("CHAOS_SEED") ?? 20;

    [Fact]
    public async Task Chaos_OfAllKinds_LeavesTheServerAsItWas()
    {
        await azurite.StartAsync();
        using var models = new ChaosModels();
        await using var server = await ChaosServer.StartAsync(models, azurite.ConnectionString);
        var report = new ChaosReport(Seed);

        try
        {
            await new ChaosRun(server, models, Seed, report).RunAsync(Duration);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            report.Fault("end", "server", "does not answer its operator", $"{e.Message} {server.Process.LastOutput()}");
        }

        // The message of a failure also contains the report.
        Assert.False(report.HasFaults, report.ToString());
        output.WriteLine(report.ToString());
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
