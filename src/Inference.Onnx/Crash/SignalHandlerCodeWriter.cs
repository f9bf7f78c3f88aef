using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Inference.Onnx.Crash;

/// <summary>
/// Writes the machine code of <see cref="CrashSignalRecorder"/>. The code uses no stack. The code changes only registers that any called
/// function is allowed to change.
/// </summary>
internal ref struct SignalHandlerCodeWriter(Span<byte> memory)
{
    private const int Alignment = 64;

    private readonly Span<byte> _memory = memory;
    private int _length;

    /// <summary>Whether there is machine code for the processor.</summary>
    public static bool IsSupported => RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Writes a function that returns the kernel's identifier of the calling thread.</summary>
    /// <returns>The offset of the code, in bytes.</returns>
    public int WriteThreadId() => WriteAligned(IsArm
        ? [
            0x48, 0x16, 0x80, 0xd2, // mov x8, #178 (gettid)
            0x01, 0x00, 0x00, 0xd4, // svc #0
            0xc0, 0x03, 0x5f, 0xd6, // ret
        ]
        : [
            0xb8, 0xba, 0x00, 0x00, 0x00, // mov eax, 186 (gettid)
            0x0f, 0x05, // syscall
            0xc3, // ret
        ]);

    /// <summary>Writes a handler that records the signal and the thread, and continues in another handler.</summary>
    /// <param name="cell">The cell that contains the address to write to.</param>
    /// <param name="next">The next handler; null to return instead.</param>
    /// <returns>The offset of the code, in bytes.</returns>
    public int WriteHandler(nint cell, nint? next) => IsArm ? WriteArm(cell, next) : WriteX64(cell, next);

    private int WriteX64(nint cell, nint? next)
    {
        var start = WriteAligned([
            0xb8, 0xba, 0x00, 0x00, 0x00, // mov eax, 186 (gettid)
            0x0f, 0x05, // syscall
            0x41, 0x89, 0xfb, // mov r11d, edi
            0x49, 0xc1, 0xe3, 0x20, // shl r11, 32
            0x4c, 0x09, 0xd8, // or rax, r11
            0x48, 0xb9, .. ToBytes(cell), // mov rcx, cell
            0x48, 0x8b, 0x09, // mov rcx, [rcx]
            0x48, 0x89, 0x01, // mov [rcx], rax
        ]);
        Append(next is { } handler
            ? [0x48, 0xb8, .. ToBytes(handler), 0xff, 0xe0] // mov rax, handler; jmp rax
            : [0xc3]); // ret
        return start;
    }

    private int WriteArm(nint cell, nint? next) => WriteAligned([
        0xe9, 0x03, 0x00, 0xaa, // mov x9, x0
        0x48, 0x16, 0x80, 0xd2, // mov x8, #178 (gettid)
        0x01, 0x00, 0x00, 0xd4, // svc #0
        0x00, 0x80, 0x09, 0xaa, // orr x0, x0, x9, lsl #32
        0xca, 0x00, 0x00, 0x58, // ldr x10, cell
        0x4a, 0x01, 0x40, 0xf9, // ldr x10, [x10]
        0x40, 0x01, 0x00, 0xf9, // str x0, [x10]
        0xe0, 0x03, 0x09, 0xaa, // mov x0, x9
        .. (ReadOnlySpan<byte>)(next is null
            ? [0xc0, 0x03, 0x5f, 0xd6, 0x1f, 0x20, 0x03, 0xd5] // ret; nop
            : [0x90, 0x00, 0x00, 0x58, 0x00, 0x02, 0x1f, 0xd6]), // ldr x16, handler; br x16
        .. ToBytes(cell),
        .. ToBytes(next ?? 0),
    ]);

    private static byte[] ToBytes(nint value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    private int WriteAligned(scoped ReadOnlySpan<byte> code)
    {
        _length = (_length + Alignment - 1) / Alignment * Alignment;
        var start = _length;
        Append(code);
        return start;
    }

    private void Append(scoped ReadOnlySpan<byte> code)
    {
        code.CopyTo(_memory[_length..]);
        _length += code.Length;
    }
}
