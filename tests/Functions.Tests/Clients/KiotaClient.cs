using System.Diagnostics;
using System.Text.RegularExpressions;
using Inference.Testing;

namespace Functions.Tests.Clients;

/// <summary>A client that Kiota generates from the OpenAPI document of a server.</summary>
internal sealed partial class KiotaClient : IDisposable
{
    private readonly TempFolder _folder = new();

    private KiotaClient()
    {
    }

    public string Folder => _folder.Path;

    /// <summary>The generator's warnings about the document.</summary>
    public List<string> Warnings { get; } = [];

    /// <param name="language">The language as Kiota names it.</param>
    public static async Task<KiotaClient> GenerateAsync(string language, Uri server)
    {
        var client = new KiotaClient();
        await RunAsync("dotnet", "tool", "restore");
        var output = await RunAsync(
            "dotnet", "kiota", "generate", "--language", language, "--openapi", new Uri(server, "openapi.json").ToString(),
            "--output", client.Folder, "--class-name", "InferenceClient", "--namespace-name", "InferenceApi",
            "--exclude-backward-compatible", "--log-level", "Warning");
        client.Warnings.AddRange(Warning().Matches(output).Select(match => match.Groups[1].Value.Trim()));
        return client;
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs a program in the repository, whose tool manifest names Kiota's version.</summary>
    /// <returns>Its output.</returns>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository(),
        };
        // Without these variables the generator would look for a newer version and report its use.
        (start.Environment["KIOTA_OFFLINE_ENABLED"], start.Environment["KIOTA_TELEMETRY_OPTOUT"]) = ("true", "true");
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(WaitLimit.Program);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        var text = await output + await error;
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{text}");
        return text;
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, ".config", "dotnet-tools.json")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("No folder above the tests has .config/dotnet-tools.json.");
        return folder.FullName;
    }

    [GeneratedRegex(@"^\s*warn: .*\n(.+)", RegexOptions.Multiline)]
    private static partial Regex Warning();
}
