using System.Runtime.InteropServices;

namespace Inference.Onnx.Crash;

/// <summary>
/// The layout of a journal file: a header, the table of versions, and the table of threads. Sizes and offsets are in bytes.
/// </summary>
internal static class JournalLayout
{
    /// <summary>Identifies the file type and the layout. Change this number with every change of the layout.</summary>
    public const ulong Magic = 0x0131_6c6e_726a_6363;

    /// <summary>The number of entries in the table of model versions.</summary>
    public const int VersionCapacity = 512;

    /// <summary>The number of entries in the table of threads.</summary>
    public const int ThreadCapacity = 512;
    public const int HeaderSize = 4096;
    public const int VersionSize = 256;
    public const int ThreadSize = 64;
    public const int VersionsOffset = HeaderSize;
    public const int ThreadsOffset = VersionsOffset + (VersionCapacity * VersionSize);
    public const int Size = ThreadsOffset + (ThreadCapacity * ThreadSize);
}

/// <summary>The header of a journal file.</summary>
[StructLayout(LayoutKind.Explicit, Size = JournalLayout.HeaderSize)]
internal struct JournalHeader
{
    /// <summary>The last field to be written, which completes the header.</summary>
    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public int ProcessId;

    /// <summary>1 when the process is stopping on request; otherwise 0.</summary>
    [FieldOffset(12)]
    public int IsStopping;

    /// <summary>
    /// The upper 32 bits contain the last fault signal. The lower 32 bits contain the kernel's identifier of the thread that received the
    /// signal. Zero means that there was no signal. Each run of a model reads this field. Its own cache line keeps writes to other fields
    /// from slowing down the reads.
    /// </summary>
    [FieldOffset(64)]
    public long LastFault;
}

/// <summary>The entry of a model version in a journal file.</summary>
[StructLayout(LayoutKind.Explicit, Size = JournalLayout.VersionSize)]
internal unsafe struct JournalVersion
{
    /// <summary>The number of the version, such as 3 in <c>iris/3</c>.</summary>
    [FieldOffset(0)]
    public long Number;

    /// <summary>The length of <see cref="Name"/> in bytes.</summary>
    [FieldOffset(8)]
    public int NameLength;

    /// <summary>The hash of the version's files, in ASCII.</summary>
    [FieldOffset(16)]
    public fixed byte FilesHash[32];

    /// <summary>The name of the model, in ASCII.</summary>
    [FieldOffset(48)]
    public fixed byte Name[128];
}

/// <summary>The entry of one thread, on a separate cache line.</summary>
[StructLayout(LayoutKind.Explicit, Size = JournalLayout.ThreadSize)]
internal struct JournalThread
{
    /// <summary>The kernel's identifier of the thread; zero for none.</summary>
    [FieldOffset(0)]
    public int Id;

    /// <summary>A <see cref="JournalWork"/>.</summary>
    [FieldOffset(4)]
    public int Work;
}
