using System.Text.Json;
using Inference.Models.Settings;

namespace Cli.Server;

/// <summary>Reads the warnings of a server: each is about a model's file, or a part of the file, that has no effect.</summary>
internal static class ModelWarning
{
    /// <summary>Reads the warnings of a model. Older servers send none.</summary>
    public static IEnumerable<FileProblem> ReadAll(JsonElement model) =>
        model.TryGetProperty("warnings", out var warnings) ? warnings.EnumerateArray().Select(Read) : [];

    /// <summary>Reads a warning. A missing member becomes an empty text or 0.</summary>
    public static FileProblem Read(JsonElement warning)
    {
        return new FileProblem(GetText("file"), GetNumber("line"), GetNumber("column"), GetText("path"), GetText("message"));

        string GetText(string key) => warning.TryGetProperty(key, out var value) ? value.ToString() : "";

        int GetNumber(string key) => warning.TryGetProperty(key, out var value) ? value.GetInt32() : 0;
    }
}
