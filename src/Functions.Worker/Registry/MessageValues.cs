using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Functions.Worker.Registry;

/// <summary>Reads messages and their metadata for generated code.</summary>
public static class MessageValues
{
    /// <summary>Decodes the message, which is UTF-8 text.</summary>
    public static string Text(TriggerMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    /// <summary>Deserializes the message from JSON.</summary>
    /// <param name="context">A context that includes the type.</param>
    /// <exception cref="InvalidDataException">The message is not valid JSON for the type, or is null.</exception>
    public static T Json<T>(TriggerMessage message, JsonSerializerContext context)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Body.Span, TypeInfo<T>(context)) is { } value
                ? value
                : throw new InvalidDataException($"The message is null, which is not a {typeof(T).Name}.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The message is not valid JSON for {typeof(T).Name}: {JsonErrorText.Describe(e)}", e);
        }
    }

    /// <summary>Returns an entry of the message's metadata.</summary>
    /// <exception cref="InvalidDataException">The host sent no entry with the name.</exception>
    public static string Metadata(TriggerMessage message, string name) => message.Metadata.TryGetValue(name, out var value)
        ? value
        : throw new InvalidDataException($"The host sent no '{name}' with the message.");

    /// <inheritdoc cref="Metadata"/>
    /// <exception cref="InvalidDataException">The entry is missing or is not a whole number of 32 bits.</exception>
    public static int MetadataInt32(TriggerMessage message, string name)
    {
        var value = MetadataInt64(message, name);
        return value == (int)value
            ? (int)value
            : throw new InvalidDataException(
                $"The message's '{name}' is {value}, which does not fit into an int. Make the function's parameter a long.");
    }

    /// <inheritdoc cref="Metadata"/>
    /// <exception cref="InvalidDataException">The entry is missing or is not a whole number.</exception>
    public static long MetadataInt64(TriggerMessage message, string name)
    {
        var text = Unquote(Metadata(message, name));
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException($"The message's '{name}' is not a number: '{text}'.");
    }

    /// <inheritdoc cref="Metadata"/>
    /// <exception cref="InvalidDataException">The entry is missing or is not a time.</exception>
    public static DateTimeOffset MetadataTime(TriggerMessage message, string name)
    {
        var text = Unquote(Metadata(message, name));
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value)
            ? value
            : throw new InvalidDataException($"The message's '{name}' is not a time: '{text}'.");
    }

    /// <summary>Returns the type's metadata. The generator has checked that the context includes the type.</summary>
    internal static JsonTypeInfo<T> TypeInfo<T>(JsonSerializerContext context) => context.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
        ?? throw new InvalidOperationException($"{context.GetType().Name} has no {typeof(T).Name}. This is a bug.");

    /// <summary>
    /// Removes the quotes of a JSON string. A Functions host sends metadata that is not text as JSON, such as a time in quotes:
    /// <c>"2026-01-31T12:00:00Z"</c>.
    /// </summary>
    private static string Unquote(string value) => value.Trim('"');
}
