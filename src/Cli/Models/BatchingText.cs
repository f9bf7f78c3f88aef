using System.Text.Json;

namespace Cli.Models;

/// <summary>Formats the batch contract of a version for people. A server and a trial describe it in the same JSON.</summary>
internal static class BatchingText
{
    /// <returns>
    /// Null for an unknown contract, and for one that has ended, because the reason of the version's state explains the end.
    /// </returns>
    public static string? Describe(JsonElement batching)
    {
        if (batching.TryGetProperty("violation", out _))
            return null;
        var sharing = batching.GetProperty("contract").ToString() switch
        {
            "proven" => "Requests share runs: it is proven that this changes no answer.",
            "declared" => "Requests share runs, by the word of the model's owner.",
            "singleItem" => "The model takes one item a run.",
            "pending" => "Requests do not share runs yet: the server still examines the model.",
            "notProven" => "Requests do not share runs: independence is not proven.",
            "none" => "Requests do not share runs.",
            _ => null,
        };
        return sharing is null ? null : string.Join(' ', new[] { sharing, Text("reason"), Text("advice") }.Where(text => text.Length > 0));

        string Text(string name) => batching.TryGetProperty(name, out var value) ? value.ToString() : "";
    }
}
