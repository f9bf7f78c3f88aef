using System.Runtime.InteropServices;
using System.Text;

namespace Cli.Tests;

/// <summary>Files as NumPy writes them.</summary>
internal static class NpyContent
{
    public static byte[] Create(ReadOnlySpan<float> values, string shape) => Create("<f4", shape, MemoryMarshal.AsBytes(values));

    public static byte[] Create(string descriptor, string shape, ReadOnlySpan<byte> data)
    {
        var header = Encoding.ASCII.GetBytes($"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': {shape}, }}\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. data];
    }
}
