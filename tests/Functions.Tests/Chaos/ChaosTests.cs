using System.Globalization;
using Inference.Testing;
using Xunit.Abstractions;

namespace Functions.Tests.Chaos;

/// <summary>
/// No model stops another: clients of all protocols call models that are good, slow, endless, broken and too large, which an operator
/// swaps, loads and unloads meanwhile. docs/development.md says how to run it for long.
/// </summary>
[Collection(ChaosCollection.Name)]
public sealed class ChaosTests(AzuriteFixture azurite, ITestOutputHelper output)
{
    /// <summary>Why the server cannot pass <see cref="Crash_OfOneModel_IsNotRepeated"/>; null when it is to.</summary>
    private const string? CrashSkip = "The server does not remember which model ended the process.";

    private const int ShortSeconds = 45;

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

        // The message of a failure has the report, too.
        Assert.False(report.HasFaults, report.ToString());
        output.WriteLine(report.ToString());
    }

    /// <summary>A model that crashes the process does it once: after a restart that model alone is refused.</summary>
    [Fact(Skip = CrashSkip)]
    public async Task Crash_OfOneModel_IsNotRepeated()
    {
        const string Division = "division";
        using var models = new ChaosModels();
        models.WriteDivision(Division);
        await azurite.StartAsync();
        await using (var crashed = await ChaosServer.StartAsync(models, azurite.ConnectionString))
        {
            using var client = crashed.Protocols().First();
            await Assert.ThrowsAnyAsync<HttpRequestException>(
                () => client.SendAsync(Division, [0, 1, 1, 1], timeout: null, CancellationToken.None));
            Assert.NotEqual(0, await crashed.Process.WaitForExitAsync());
        }

        await using var server = await ChaosServer.StartAsync(models, azurite.ConnectionString);
        using var again = server.Protocols().First();
        var refused = await again.SendAsync(Division, [1, 1, 1, 1], timeout: null, CancellationToken.None);
        var good = await again.SendAsync("plain", [1, 2, 3, 4], timeout: null, CancellationToken.None);

        Assert.Equal(503, refused.Status);
        Assert.Contains("ended the process", refused.Text, StringComparison.Ordinal);
        Assert.Equal([2, 4, 6, 8], good.Values);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
