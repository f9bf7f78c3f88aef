using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Protocols.Json.BareWords;

/// <summary>
/// Checks the positions of bare words in a request. Bare words are NaN and the infinities without quotes. A bare word is accepted as a
/// value of a tensor. As a name, an id or another text, a bare word makes the request invalid JSON.
/// </summary>
internal static class BareWordCheck
{
    /// <summary>The part of a request that a value or a member belongs to.</summary>
    private enum Area
    {
        /// <summary>Members and values that are not tensors.</summary>
        Other,

        /// <summary>The body, or the request of a queue message.</summary>
        Body,

        /// <summary>The member <c>inputs</c>: values, an object with values by name, or the array of the Open Inference Protocol.</summary>
        Inputs,

        /// <summary>An item of the array <c>inputs</c>: a value, or an object with the values in <c>data</c>.</summary>
        Input,

        /// <summary>The values of a tensor.</summary>
        Values,
    }

    /// <summary>Throws if a bare word of the request is not a value of a tensor. Reads a copy in which the bare words are quoted.</summary>
    /// <param name="json">The request as it was sent, without a byte order mark.</param>
    /// <param name="copy">The copy from <see cref="NonFiniteWords.QuoteBareWords"/>, without a byte order mark.</param>
    /// <exception cref="JsonException">
    /// The copy is malformed, or has a bare word outside of tensors. The exception names the position in the request, not in the copy.
    /// </exception>
    public static void ThrowIfMisplaced(ReadOnlySpan<byte> json, ReadOnlySpan<byte> copy)
    {
        try
        {
            ThrowIfMisplaced(copy);
        }
        catch (JsonException e)
        {
            throw NonFiniteWords.Relocate(json, e);
        }
    }

    private static void ThrowIfMisplaced(ReadOnlySpan<byte> copy)
    {
        var reader = new Utf8JsonReader(copy, JsonText.ReaderOptions);
        // The area of the array items or object members at each nesting depth.
        Span<Area> areas = stackalloc Area[JsonText.ReaderOptions.MaxDepth + 2];
        (areas[0], var member) = (Area.Body, default(Area?));
        while (reader.Read())
        {
            var area = member ?? areas[reader.CurrentDepth];
            member = null;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    ThrowIfBareWord(reader, copy);
                    member = GetAreaOfMember(areas[reader.CurrentDepth], reader);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    areas[reader.CurrentDepth + 1] = GetAreaInside(area, reader.TokenType == JsonTokenType.StartObject);
                    break;
                case JsonTokenType.String when area is Area.Other or Area.Body:
                    ThrowIfBareWord(reader, copy);
                    break;
            }
        }
    }

    private static Area GetAreaOfMember(Area members, in Utf8JsonReader name) => members switch
    {
        Area.Body when HasName(name, "features"u8) || HasName(name, "instances"u8) => Area.Values,
        Area.Body when HasName(name, "inputs"u8) => Area.Inputs,
        Area.Body when HasName(name, "request"u8) => Area.Body,
        Area.Input when HasName(name, "data"u8) => Area.Values,
        Area.Values => Area.Values,
        _ => Area.Other,
    };

    private static Area GetAreaInside(Area value, bool isObject) => (value, isObject) switch
    {
        (Area.Body, true) => Area.Body,
        (Area.Input, true) => Area.Input,
        (Area.Inputs, false) => Area.Input,
        (Area.Inputs or Area.Input or Area.Values, _) => Area.Values,
        _ => Area.Other,
    };

    private static bool HasName(in Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException e) when (JsonText.IsNotTextError(e))
        {
            // The name has an unpaired surrogate. The reader of the request reports this error later.
            return false;
        }
    }

    private static void ThrowIfBareWord(in Utf8JsonReader reader, ReadOnlySpan<byte> copy)
    {
        if (!reader.ValueIsEscaped || !NonFiniteWords.IsBareWord(reader.ValueSpan))
            return;
        throw StrictJson.CreateError(
            $"a bare {reader.GetString()} can only be a value of a tensor.", copy[..(int)reader.TokenStartIndex]);
    }
}
