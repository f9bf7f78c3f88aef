using System.Diagnostics;
using Inference.Testing;

namespace Infra.Tests.Support;

/// <summary>The result of a program that has ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? []).Any(path => File.Exists(Path.Combine(path, program)));

    public static async Task<ToolResult> RunAsync(
        string program, string[] arguments, string? folder = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Repository.Combine(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(WaitLimit.Program);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new(process.ExitCode, await output, await errors);
    }
}
