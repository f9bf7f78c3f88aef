using System.Runtime.CompilerServices;

namespace Inference.Tensors;

/// <summary>
/// Memory of <see cref="PooledBytes"/>, with undefined contents. Small memory is an array of the shared pool; larger memory is a block
/// outside the garbage collector's heap. Spans and <see cref="Memory"/> become invalid with <see cref="PooledBytes.Return"/>. The default
/// value has no bytes and need not be returned.
/// </summary>
public readonly struct RentedBytes
{
    internal RentedBytes(object? owner) => Owner = owner;

    /// <summary>The length in bytes; at least the requested length.</summary>
    public int Length => Owner switch
    {
        null => 0,
        byte[] array => array.Length,
        _ => Unsafe.As<NativeBytes>(Owner).Length,
    };

    public Span<byte> Span => Owner switch
    {
        null => default,
        byte[] array => array,
        _ => Unsafe.As<NativeBytes>(Owner).GetSpan(),
    };

    public Memory<byte> Memory => Owner switch
    {
        null => default,
        byte[] array => array,
        _ => Unsafe.As<NativeBytes>(Owner).Memory,
    };

    /// <summary>An array, a <see cref="NativeBytes"/> or null.</summary>
    internal object? Owner { get; }
}
