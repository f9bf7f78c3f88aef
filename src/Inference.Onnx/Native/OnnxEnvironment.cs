using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Native;

/// <summary>
/// Creates the environment of ONNX Runtime, with its process-wide settings. These settings have an effect only if they are set before the
/// first use of ONNX Runtime.
/// </summary>
internal static partial class OnnxEnvironment
{
    // These environment variables switch off the usage reports of the native library, which ONNX Runtime 1.29 and later sends by default.
    // Both are set, because builds of the library read different names.
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
            // Failures become exceptions with the same text, so a log on stderr would only repeat the text.
            logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        try
        {
            return OrtEnv.CreateInstanceWithOptions(ref options);
        }
        catch (Exception e) when (e is TypeInitializationException or TypeLoadException or BadImageFormatException
            or OutOfMemoryException or OnnxRuntimeException)
        {
            throw NativeLibraryFailure.CreateError(e);
        }
    }

    /// <summary>
    /// Sets a variable for native code, because <see cref="Environment.SetEnvironmentVariable(string, string)"/> does not change the native
    /// environment on Unix.
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
