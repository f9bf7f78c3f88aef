using System.Globalization;
using System.Text;

namespace Functions.Worker.Standalone;

/// <summary>
/// Encodes texts for the header grpc-message. Only the bytes that gRPC's PROTOCOL-HTTP2 names are encoded, because some clients do not
/// decode the text before they show it.
/// </summary>
internal static class GrpcMessage
{
    /// <summary>Encodes the UTF-8 bytes of a text: the percent sign, and all bytes that are not printable ASCII.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (value is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
                encoded.Append((char)value);
            else
                encoded.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return encoded.ToString();
    }
}
