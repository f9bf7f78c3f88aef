using Google.Protobuf;

namespace Functions.Tests.Telemetry;

/// <summary>A span of the OpenTelemetry protocol (opentelemetry-proto, trace/v1/trace.proto). Ids are in hexadecimal.</summary>
internal sealed record OtlpSpan(string TraceId, string SpanId, string ParentId, string Name)
{
    public List<string> Links { get; } = [];

    /// <summary>
    /// Reads the spans of an ExportTraceServiceRequest. The numbers of the nested fields are resource_spans 1, scope_spans 2 and spans 2.
    /// </summary>
    public static IEnumerable<OtlpSpan> Read(byte[] request) =>
        Fields(request, 1).SelectMany(resource => Fields(resource, 2)).SelectMany(scope => Fields(scope, 2)).Select(Parse);

    private static OtlpSpan Parse(byte[] span)
    {
        var parsed =
            new OtlpSpan(Hex(span, 1), Hex(span, 2), Hex(span, 4), Fields(span, 5).Select(System.Text.Encoding.UTF8.GetString).Single());
        parsed.Links.AddRange(Fields(span, 13).Select(link => Hex(link, 2)));
        return parsed;
    }

    private static string Hex(byte[] message, int number) => string.Concat(Fields(message, number).Select(Convert.ToHexStringLower));

    /// <summary>Returns the values of a field whose type is bytes, string or a message.</summary>
    private static List<byte[]> Fields(byte[] message, int number)
    {
        var values = new List<byte[]>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == number && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                values.Add(input.ReadBytes().ToByteArray());
            else
                input.SkipLastField();
        }

        return values;
    }
}
