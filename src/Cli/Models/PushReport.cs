using System.Text.Json;
using Cli.Output;
using Cli.Server;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Predict;

namespace Cli.Models;

/// <summary>The result of a push.</summary>
/// <param name="Store">The store, for messages.</param>
/// <param name="IsNew">False when the store already contained the version.</param>
/// <param name="Trial">The findings of <see cref="ModelCheck.RunAsync"/>; null when the check only loaded the model.</param>
internal sealed record PushReport(ModelId Id, string Store, bool IsNew, NewVersionCheck Versions, JsonElement? Trial)
{
    /// <param name="isLoaded">Whether a server has loaded the version.</param>
    public void Write(bool asJson, bool isLoaded)
    {
        List<FileProblem> warnings = [.. Trial is { } trial ? ModelWarning.ReadAll(trial) : [], .. Versions.Warnings];
        if (asJson)
            JsonConsole.Write(writer => WriteJson(writer, warnings));
        else
            WriteText(isLoaded, warnings);
    }

    private void WriteJson(Utf8JsonWriter writer, IEnumerable<FileProblem> warnings)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, Id.Name.Value);
        writer.WriteNumber("version"u8, Id.Version);
        writer.WriteString("store"u8, Store);
        writer.WriteBoolean("pushed"u8, IsNew);
        foreach (var property in Trial?.EnumerateObject() ?? default)
        {
            if (!property.NameEquals("warnings"u8))
                property.WriteTo(writer);
        }

        ModelsWriter.WriteWarnings(writer, warnings);
        writer.WriteEndObject();
    }

    private void WriteText(bool isLoaded, List<FileProblem> warnings)
    {
        SafeConsole.WriteText(!IsNew ? $"{Id} is in {Store} already, with the same files."
            : !Versions.IsServed ? $"{Id} is in {Store}, but the settings of {Id.Name} do not serve it."
            : isLoaded ? $"{Id} is in {Store}, and served."
            : $"{Id} is in {Store}. Servers load it after two listings of the store (Models__ReloadInterval), or at once with --load.");
        if (Trial is { } trial && trial.TryGetProperty("task", out var task))
            SafeConsole.WriteText($"Its task is {task}.");
        foreach (var warning in warnings)
            SafeConsole.WriteText($"warning: {warning}");
        if (Trial is { } tried && BatchingText.Describe(tried.GetProperty("batching")) is { } sharing)
            SafeConsole.WriteText(sharing);
    }
}
