using System.Runtime.InteropServices;

namespace Inference.Onnx.Native;

/// <summary>Explains why ONNX Runtime's native library cannot be used, with advice.</summary>
internal static partial class NativeLibraryFailure
{
    /// <summary>The number of the resource RLIMIT_AS in getrlimit(2) of Linux: the size of the address space.</summary>
    private const int AddressSpace = 9;

    /// <summary>Phrases in messages of the system's loader and the C++ library when memory is short.</summary>
    private static readonly string[] MemoryPhrases = ["failed to map segment", "cannot allocate memory", "bad_alloc", "bad allocation"];

    /// <summary>Whether the message of a native failure says that memory is short.</summary>
    public static bool IsOutOfMemory(string text) =>
        Array.Exists(MemoryPhrases, phrase => text.Contains(phrase, StringComparison.OrdinalIgnoreCase));

    /// <summary>Creates the error for a failed first use of the library.</summary>
    public static InferenceException CreateError(Exception failure)
    {
        // Only the inner exceptions of a failed type initializer contain the reason.
        var cause = failure.GetBaseException();
        var advice = cause is OutOfMemoryException || IsOutOfMemory(cause.Message)
            ? $"There is not enough memory for the library.{GetMemoryAdvice()}"
            : $"Check that its file in the published folder belongs to this system ({RuntimeInformation.RuntimeIdentifier}, glibc).";
        return new InferenceException(
            InferenceError.ModelUnavailable,
            $"No ONNX model can be loaded, because ONNX Runtime's native library cannot be used: {ToSentence(cause.Message)} "
            + $"{advice} Then start the server again.",
            failure);
    }

    /// <summary>
    /// Returns advice for a lack of memory. If the address space is limited, the advice names the limit, because such a limit is easily
    /// overlooked.
    /// </summary>
    public static string GetMemoryAdvice() => GetAddressSpaceLimit() is { } limit
        ? FormattableString.Invariant($" The process may use {limit} bytes of address space: ")
            + "raise that limit (ulimit -v, prlimit --as) or remove it."
        : " Give the process or its container more memory.";

    private static string ToSentence(string text)
    {
        var sentence = text.ReplaceLineEndings(" ").Trim();
        return sentence.EndsWith('.') ? sentence : sentence + '.';
    }

    private static ulong? GetAddressSpaceLimit() =>
        OperatingSystem.IsLinux() && GetLimit(AddressSpace, out var limit) == 0 && limit.Current != ulong.MaxValue ? limit.Current : null;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Max;
    }
}
