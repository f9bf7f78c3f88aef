using System.Buffers.Binary;

namespace Inference.Images;

/// <summary>
/// Reads from the markers of a JPEG whether the file is complete. Decoders fill in missing pixels, and some decoders then report success.
/// A scan is a part of the file that holds all or some bits of the pixels. ITU-T T.81, annex B, defines the format of the segments.
/// </summary>
internal readonly ref struct JpegScans
{
    private const byte Prefix = 0xFF;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;

    /// <summary>The number of frequencies in a block, which represents 8 x 8 pixels.</summary>
    private const int Frequencies = 64;

    /// <summary>Marks a frequency of a component (a color channel) that no scan has contained.</summary>
    private const byte Missing = byte.MaxValue;

    private JpegScans(int endOffset, bool isProgressive, int count, bool areComplete) =>
        (EndMarkerOffset, IsProgressive, Count, AreComplete) = (endOffset, isProgressive, count, areComplete);

    /// <summary>The position of the end marker; -1 when there is none.</summary>
    public int EndMarkerOffset { get; }

    /// <summary>Whether several scans refine the same pixels.</summary>
    public bool IsProgressive { get; }

    /// <summary>The number of scans that have begun.</summary>
    public int Count { get; }

    /// <summary>
    /// Whether the scans that have begun contain every bit of every component. The pixels of the last scan may still be cut off.
    /// </summary>
    public bool AreComplete { get; }

    /// <summary>
    /// Reads the markers of a file that begins as a JPEG. For a malformed file, the method returns incomplete scans and does not throw.
    /// </summary>
    public static JpegScans Read(ReadOnlySpan<byte> file)
    {
        var (endOffset, isProgressive, scans) = (-1, false, 0);
        // The keys identify components. The values are, for each frequency, the lowest bit that the scans so far have contained. A
        // frequency with the value 0 is complete.
        Dictionary<byte, byte[]> components = [];
        for (var position = 2; TryFindMarker(file, ref position, out var marker);)
        {
            if (marker == EndOfImage)
            {
                endOffset = position - 2;
                break;
            }

            if (!HasSegment(marker))
                continue;
            if (position + 2 > file.Length
                || BinaryPrimitives.ReadUInt16BigEndian(file[position..]) is var length && (length < 2 || position + length > file.Length))
            {
                break;
            }

            var segment = file.Slice(position + 2, length - 2);
            if (IsFrameMarker(marker))
                (isProgressive, components) = ((marker & 3) == 2, ReadFrame(segment));
            if (marker == StartOfScan)
            {
                scans++;
                AddScan(segment, isProgressive, components);
            }

            position += length;
        }

        var areComplete = components.Count > 0 && components.Values.All(bits => !bits.AsSpan().ContainsAnyExcept((byte)0));
        return new JpegScans(endOffset, isProgressive, scans, areComplete);
    }

    /// <summary>Finds the next marker after coded pixels and fill bytes, and moves to the position after the marker.</summary>
    private static bool TryFindMarker(ReadOnlySpan<byte> file, ref int position, out byte marker)
    {
        marker = 0;
        while (position < file.Length && file[position..].IndexOf(Prefix) is var found and >= 0)
        {
            position += found + 1;
            if (position == file.Length)
                return false;
            marker = file[position];
            // A 0 after the prefix means that the prefix is a byte of coded pixels. A second prefix means that the first one is a fill
            // byte.
            if (marker is not (0 or Prefix))
            {
                position++;
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether a segment follows the marker. No segment follows the markers of restarts (0xD0 to 0xD7), of the image's start (0xD8), and
    /// TEM (0x01).
    /// </summary>
    private static bool HasSegment(byte marker) => marker is not (0x01 or (>= 0xD0 and <= 0xD8));

    /// <summary>Whether the marker begins a frame: 0xC0 to 0xCF, except DHT (0xC4), JPG (0xC8) and DAC (0xCC).</summary>
    private static bool IsFrameMarker(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static Dictionary<byte, byte[]> ReadFrame(ReadOnlySpan<byte> segment)
    {
        var components = new Dictionary<byte, byte[]>();
        // A frame header has 6 bytes before its components, and 3 bytes for each component.
        for (var position = 6; position + 3 <= segment.Length; position += 3)
        {
            var bits = components[segment[position]] = new byte[Frequencies];
            bits.AsSpan().Fill(Missing);
        }

        return components;
    }

    private static void AddScan(ReadOnlySpan<byte> segment, bool isProgressive, Dictionary<byte, byte[]> components)
    {
        if (segment.IsEmpty || segment.Length < 4 + (segment[0] * 2))
            return;
        // The last three bytes are the first frequency, the last frequency, and a byte whose low 4 bits are the lowest bit of the scan.
        var end = segment[^3..];
        var (first, last, bit) = isProgressive ? (end[0], end[1], (byte)(end[2] & 15)) : ((byte)0, (byte)(Frequencies - 1), (byte)0);
        for (var position = 1; position + 3 < segment.Length; position += 2)
        {
            if (components.TryGetValue(segment[position], out var bits) && last < Frequencies && first <= last)
                bits.AsSpan(first, last - first + 1).Fill(bit);
        }
    }
}
