using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Registry;

/// <summary>Reads the host's JSON of a timer's tick for generated code.</summary>
public static class TimerTick
{
    public static TimerInfo Read(TriggerMessage message)
    {
        try
        {
            using var json = JsonDocument.Parse(message.Body);
            var status = Find(json.RootElement, "ScheduleStatus");
            return new TimerInfo
            {
                IsPastDue = Find(json.RootElement, "IsPastDue") is { ValueKind: JsonValueKind.True },
                ScheduleStatus = status is { ValueKind: JsonValueKind.Object } ? ReadStatus(status.Value) : null,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"The host's timer data cannot be read: {e.Message}", e);
        }
    }

    private static ScheduleStatus ReadStatus(JsonElement status) => new()
    {
        Last = Time(status, "Last"),
        Next = Time(status, "Next"),
        LastUpdated = Time(status, "LastUpdated"),
    };

    private static DateTime Time(JsonElement status, string name) =>
        Find(status, name) is { ValueKind: not JsonValueKind.Null } time ? time.GetDateTime() : default;

    /// <summary>Host versions differ in case.</summary>
    private static JsonElement? Find(JsonElement json, string name)
    {
        foreach (var property in json.EnumerateObject())
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }

        return null;
    }
}
