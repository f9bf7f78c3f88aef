namespace Inference.Images.Tests;

/// <summary>The checksum of a PNG chunk: CRC-32.</summary>
internal static class PngChecksum
{
    /// <param name="bytes">The type and the data of the chunk.</param>
    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }

        return ~crc;
    }
}
