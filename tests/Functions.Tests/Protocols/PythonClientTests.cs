using System.Diagnostics;
using Functions.Tests.Models;

namespace Functions.Tests.Protocols;

/// <summary>
/// Tests the binary extension with an independent client, written with Python's standard library. The client sends the same requests as
/// Triton's client.
/// </summary>
public sealed class PythonClientTests(EmbeddedModelsTests.Server server) : IClassFixture<EmbeddedModelsTests.Server>
{
    [Fact]
    public async Task Infer_FromPython_Succeeds()
    {
        var address = server.Process.Client.BaseAddress!;
        using var python = Process.Start(new ProcessStartInfo(
            "python3", [Path.Combine(AppContext.BaseDirectory, "Protocols", "open_inference_client.py"), address.Host, $"{address.Port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = python.StandardOutput.ReadToEndAsync();
        var errors = await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();

        Assert.True(python.ExitCode == 0, errors);
        Assert.Equal("6 checks passed", (await output).Trim());
    }
}
