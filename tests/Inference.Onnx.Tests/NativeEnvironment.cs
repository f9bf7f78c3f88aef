using System.Runtime.InteropServices;

namespace Inference.Onnx.Tests;

internal static partial class NativeEnvironment
{
    /// <summary>Returns a variable of the native environment, which on Unix differs from the environment that .NET shows.</summary>
    public static string? Get(string name) =>
        OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable(name) : Marshal.PtrToStringUTF8(GetEnv(name));

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetEnv(string name);
}
