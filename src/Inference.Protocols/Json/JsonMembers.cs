using System.Text.Json;

namespace Inference.Protocols.Json;

/// <summary>Reads JSON objects and ignores unknown members. Null counts as an absent member.</summary>
internal static class JsonMembers
{
    /// <summary>Reads the value of the member with the given name. Afterwards the reader must be at the last token of the value.</summary>
    public delegate void ValueReader(ref Utf8JsonReader reader, string name);

    /// <summary>Reads a whole body that is one object.</summary>
    /// <param name="names">The names of the known members, the required ones first.</param>
    /// <param name="requiredCount">The number of required members.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: a member is missing or not valid.</exception>
    public static void ReadBody(ReadOnlyMemory<byte> body, string[] names, int requiredCount, ValueReader read) =>
        JsonText.ReadObject(body, (names, requiredCount, read),
            static (ref Utf8JsonReader reader, ReadOnlySpan<byte> _, (string[] Names, int RequiredCount, ValueReader Read) members) =>
        {
            Read(ref reader, "", members.Names, members.RequiredCount, members.Read);
            return true;
        });

    /// <summary>Reads the current object of the reader.</summary>
    /// <param name="path">The path of the object in the request, with a dot at its end; empty for the body.</param>
    /// <inheritdoc cref="ReadBody"/>
    public static void Read(ref Utf8JsonReader reader, string path, string[] names, int requiredCount, ValueReader read)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, path.TrimEnd('.'), "an object");
        var found = 0u;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = IndexOf(names, ref reader);
            if (index < 0)
            {
                reader.Skip();
                continue;
            }

            var isFound = (found & (1u << index)) != 0;
            if (!JsonText.TryReadOnce(ref reader, ref isFound, path + names[index]))
                continue;
            found |= 1u << index;
            read(ref reader, names[index]);
        }

        for (var index = 0; index < requiredCount; index++)
        {
            if ((found & (1u << index)) == 0)
                throw InferenceException.InvalidRequest($"\"{path}{names[index]}\" is missing.");
        }
    }

    private static int IndexOf(string[] names, ref Utf8JsonReader reader)
    {
        for (var index = 0; index < names.Length; index++)
        {
            if (reader.ValueTextEquals(names[index]))
                return index;
        }

        return -1;
    }

    /// <summary>Reads true or false.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the value is neither true nor false.</exception>
    public static bool ReadBoolean(ref Utf8JsonReader reader, string path) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw JsonText.CreateUnexpectedTokenError(reader.TokenType, path, "true or false"),
    };

    /// <summary>Reads a whole number that is at least <paramref name="min"/>.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the value is not such a number.</exception>
    public static int ReadNumber(ref Utf8JsonReader reader, string path, int min) =>
        JsonText.TryReadInteger(ref reader, out var number) && number >= min && number <= int.MaxValue
            ? (int)number
            : throw InferenceException.InvalidRequest($"{path} has a value that is not a whole number from {min}.");
}
