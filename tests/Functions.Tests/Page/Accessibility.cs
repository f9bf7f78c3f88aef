using System.Text.Json;
using Inference.Testing;
using Microsoft.Playwright;

namespace Functions.Tests.Page;

/// <summary>Finds accessibility faults in an open page, with axe-core.</summary>
internal static class Accessibility
{
    private static readonly Lazy<Task<string>> Script = new(static () => Task.Run(static () =>
        File.ReadAllTextAsync(Path.Combine(NpmInstallation.Ensure("axe"), "node_modules", "axe-core", "axe.min.js"))));

    /// <returns>A line for each violated rule, with the first element that violates it.</returns>
    public static async Task<IReadOnlyList<string>> FindAsync(IPage page)
    {
        if (!await page.EvaluateAsync<bool>("typeof axe === 'object'"))
            await page.EvaluateAsync(await Script.Value + ";");
        var found = await page.EvaluateAsync<JsonElement>(
            """
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
                .map(one => `${one.id}: ${one.nodes[0].html.slice(0, 200)} (${one.nodes[0].failureSummary})`)
            """);
        return [.. found.EnumerateArray().Select(one => one.GetString()!)];
    }
}
