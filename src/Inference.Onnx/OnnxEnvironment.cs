using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Process-wide settings of ONNX Runtime. They take effect only before its first use.</summary>
internal static partial class OnnxEnvironment
{
    // Since 1.29 the native library reports usage by default. Older builds read the second name.
    private static readonly string[] TelemetrySwitches = ["ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"];

    private static readonly Lazy<OrtEnv> Instance = new(Create);

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the native library cannot be used. Later calls fail with the same exception.
    /// </exception>
    public static void EnsureCreated() => _ = Instance.Value;

    private static OrtEnv Create()
    {
        foreach (var name in TelemetrySwitches)
            SetForNativeCode(name, "1");
        var options = new EnvironmentCreationOptions
        {
            logId = nameof(Inference),
            // Failures are thrown as exceptions with the same text, so stderr would only repeat them.
            logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            return OrtEnv.CreateInstanceWithOptions(ref options);
        }
        catch (Exception e) when (e is TypeInitializationException or TypeLoadException or BadImageFormatException
            or OutOfMemoryException or OnnxRuntimeException)
        {
            throw NativeLibraryFailure.Describe(e);
        }
    }

    /// <summary>
    /// Sets a variable for native code, because <see cref="Environment.SetEnvironmentVariable(string, string)"/> changes only what .NET
    /// sees on Unix.
    /// </summary>
    private static void SetForNativeCode(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows() && SetEnv(name, value, overwrite: 1) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
