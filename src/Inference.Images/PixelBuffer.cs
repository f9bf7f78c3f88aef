using System.Numerics;
using System.Runtime.InteropServices;
using Inference.Tensors;

namespace Inference.Images;

/// <summary>A buffer of floating-point pixels in pooled memory. All pixels are black at first.</summary>
internal sealed class PixelBuffer : IDisposable
{
    private const int BytesPerPixel = 4 * sizeof(float);

    private readonly RentedBytes _bytes;
    private readonly int _length;

    /// <param name="pixelCount">The number of pixels.</param>
    public PixelBuffer(int pixelCount)
    {
        _length = pixelCount * BytesPerPixel;
        _bytes = PooledBytes.Rent(_length);
        _bytes.Span[.._length].Clear();
    }

    /// <summary>The pixels, valid until disposal.</summary>
    public Span<Vector4> Pixels => MemoryMarshal.Cast<byte, Vector4>(_bytes.Span[.._length]);

    public void Dispose() => PooledBytes.Return(_bytes);
}
