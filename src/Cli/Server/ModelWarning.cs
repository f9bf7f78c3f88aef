using System.Text.Json;
using Inference.Models.Settings;

namespace Cli.Server;

/// <summary>Reads a server's warning that a model's file, or a part of it, has no effect.</summary>
internal static class ModelWarning
{
    /// <summary>Reads the warnings of a model. Older servers send none.</summary>
    public static IEnumerable<FileProblem> ReadAll(JsonElement model) =>
        model.TryGetProperty("warnings", out var warnings) ? warnings.EnumerateArray().Select(Read) : [];

    /// <summary>Reads a warning. A missing member becomes an empty text or 0.</summary>
    public static FileProblem Read(JsonElement warning)
    {
        return new FileProblem(Text("file"), Number("line"), Number("column"), Text("path"), Text("message"));

        string Text(string name) => warning.TryGetProperty(name, out var value) ? value.ToString() : "";

        int Number(string name) => warning.TryGetProperty(name, out var value) ? value.GetInt32() : 0;
    }
}
