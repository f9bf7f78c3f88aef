using System.Runtime.InteropServices;

namespace Inference.Onnx.Tests;

internal static partial class NativeEnvironment
{
    /// <summary>What native code sees, which on Unix is not what .NET shows.</summary>
    public static string? Get(string name) =>
        OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable(name) : Marshal.PtrToStringUTF8(GetEnv(name));

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetEnv(string name);
}
