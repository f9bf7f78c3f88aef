using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Cli.Tests;

/// <summary>Writes and reads files in NumPy's format 1.0.</summary>
internal static partial class NpyContent
{
    /// <summary>The size in bytes of the part before the header: magic, version and length of the header.</summary>
    private const int PrefixSize = 10;

    public static byte[] Create(ReadOnlySpan<float> values, string shape) => Create("<f4", shape, MemoryMarshal.AsBytes(values));

    public static byte[] Create(string descriptor, string shape, ReadOnlySpan<byte> data)
    {
        var header = Encoding.ASCII.GetBytes($"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': {shape}, }}\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. data];
    }

    /// <summary>Reads a file, and checks it against the specification: the data must begin at a multiple of 64 bytes.</summary>
    public static (string Descriptor, string Shape) Read(byte[] file, out byte[] content)
    {
        Assert.Equal([0x93, .. "NUMPY"u8, 1, 0], file[..8]);
        var start = PrefixSize + BitConverter.ToUInt16(file, 8);
        var header = Encoding.ASCII.GetString(file, PrefixSize, start - PrefixSize);
        Assert.Equal((0, '\n'), (start % 64, header[^1]));
        content = file[start..];
        var match = Dictionary().Match(header);
        Assert.True(match.Success, $"\"{header}\" is no header.");
        return (match.Groups[1].Value, match.Groups[2].Value);
    }

    [GeneratedRegex(@"^\{'descr': '([^']+)', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n$")]
    private static partial Regex Dictionary();
}
