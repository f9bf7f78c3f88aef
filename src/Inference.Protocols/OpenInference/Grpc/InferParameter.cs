using System.Buffers;
using System.Text;
using Inference.Protocols.Protobuf;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>
/// An entry of a map of parameters. The value has one of several types. The numbers in the code are the field numbers in
/// open_inference.proto.
/// </summary>
/// <param name="Boolean">The value of a boolean parameter; null for other types.</param>
/// <param name="Integer">
/// The value of an integer parameter; null for other types, and for values that exceed a signed 64-bit number.
/// </param>
/// <param name="IsDefault">Whether the value is 0, false, the empty text or missing.</param>
internal readonly record struct InferParameter(string Name, bool? Boolean, long? Integer, bool IsDefault)
{
    private ReadOnlySequence<byte>? Text { get; init; }

    /// <summary>Whether there is a value that is not a text.</summary>
    private bool HasOtherValue { get; init; }

    /// <summary>Returns at most the first <see cref="Quote.MaxLength"/> bytes of a text parameter; null when there is no value.</summary>
    /// <param name="path">The path of the parameters.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the value is not a text.</exception>
    public string? ReadText(string path) =>
        Text is { } text ? Encoding.UTF8.GetString(text.Slice(0, Math.Min(text.Length, Quote.MaxLength)))
        : HasOtherValue ? throw InferenceException.InvalidRequest($"{path}.{Quote.Shorten(Name)} is not a string_param.")
        : null;

    public static InferParameter Read(ReadOnlySequence<byte> entry)
    {
        var parameter = new InferParameter("", null, null, IsDefault: true);
        var reader = new WireReader(entry);
        while (reader.TryReadTag(out var field, out var type))
        {
            if (field is not (1 or 2))
            {
                reader.Skip(type);
                continue;
            }

            reader.ThrowIfTypeDiffers(type, WireType.Bytes);
            parameter = field == 1 ? parameter with { Name = reader.ReadString() } : ReadValue(parameter.Name, reader.ReadBytes());
        }

        return parameter;
    }

    private static InferParameter ReadValue(string name, ReadOnlySequence<byte> message)
    {
        var parameter = new InferParameter(name, null, null, IsDefault: true);
        var reader = new WireReader(message);
        while (reader.TryReadTag(out var field, out var type))
        {
            switch (field)
            {
                case 1:
                    reader.ThrowIfTypeDiffers(type, WireType.Varint);
                    var flag = reader.ReadVarint() != 0;
                    parameter = new InferParameter(name, flag, null, IsDefault: !flag) { HasOtherValue = true };
                    break;
                case 2 or 5:
                    reader.ThrowIfTypeDiffers(type, WireType.Varint);
                    var value = (long)reader.ReadVarint();
                    parameter = new InferParameter(name, null, field == 5 && value < 0 ? null : value, value == 0) { HasOtherValue = true };
                    break;
                case 3:
                    reader.ThrowIfTypeDiffers(type, WireType.Bytes);
                    var text = reader.ReadBytes();
                    parameter = new InferParameter(name, null, null, text.IsEmpty) { Text = text };
                    break;
                case 4:
                    // The value is a double. No parameter of this server is a double.
                    reader.Skip(type);
                    parameter = new InferParameter(name, null, null, IsDefault: false) { HasOtherValue = true };
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return parameter;
    }
}
