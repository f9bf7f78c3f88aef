using System.Globalization;
using System.Text.Json;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <content>Reads elements for which JSON has no type of its own.</content>
internal ref partial struct JsonTensorReader
{
    /// <summary>The name of the only member of an object that represents one byte string.</summary>
    public static ReadOnlySpan<byte> Base64Name => "b64"u8;

    private readonly void AppendBase64(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(Base64Name))
            throw InferenceException.InvalidRequest($"{FormatPath()} is an object; a string or {{\"b64\":\"...\"}} is expected.");
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
            throw JsonText.CreateUnexpectedTokenError(reader.TokenType, $"{FormatPath()}.b64", "a string");
        var text = _builder.ReserveBytes(reader.ValueSpan.Length + Base64Text.MaxPadding);
        if (!Base64Text.TryDecode(text, CopyText(ref reader, text), out var decoded))
            throw InferenceException.InvalidRequest($"{FormatPath()}.b64 is not base64.");
        _builder.CommitBytes(decoded);
        reader.Read();
        if (reader.TokenType != JsonTokenType.EndObject)
            throw InferenceException.InvalidRequest($"{FormatPath()} has members besides \"b64\".");
    }

    private readonly void AppendNonFinite(double value)
    {
        switch (_builder.Type)
        {
            case ElementType.Float16: _builder.Append((Half)value); break;
            case ElementType.BFloat16: _builder.Append((ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16)); break;
            case ElementType.Float32: _builder.Append((float)value); break;
            case ElementType.Float64: _builder.Append(value); break;
            default:
                throw InferenceException.InvalidRequest(
                $"{FormatPath()}: {value.ToString(CultureInfo.InvariantCulture)} is not a value of {_builder.Type.Name()}.");
        }
    }
}
