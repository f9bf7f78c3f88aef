using System.Text.Json;

namespace Cli.Models;

/// <summary>Describes the batch contract of a version: whether requests share runs of the model, and why.</summary>
internal static class BatchingText
{
    /// <param name="batching">The JSON object <c>batching</c> in a server's description of a version, or in the result of a trial.</param>
    /// <returns>
    /// Null for a violated contract, because the member <c>reason</c> of the version describes the violation. Null also for a contract that
    /// this release of inferctl does not know.
    /// </returns>
    public static string? Describe(JsonElement batching)
    {
        if (batching.TryGetProperty("violation", out _))
            return null;
        var sharing = batching.GetProperty("contract").ToString() switch
        {
            "proven" => "Requests share runs, because it is proven that this changes no result beyond rounding.",
            "declared" => "Requests share runs, because the model's owner declares that this changes no result.",
            "singleItem" => "The model accepts one item per run.",
            "pending" => "Requests do not share runs yet: the server still examines the model.",
            "notProven" => "Requests do not share runs: it is not proven that an item's result is independent of the other items.",
            "none" => "Requests do not share runs.",
            _ => null,
        };
        return sharing is null ? null
            : string.Join(' ', new[] { sharing, GetText("reason"), GetText("advice") }.Where(text => text.Length > 0));

        string GetText(string key) => batching.TryGetProperty(key, out var value) ? value.ToString() : "";
    }
}
