using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Inference.Models;
using Inference.Models.Files;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Cache;

/// <summary>
/// Creates the keys of a model's cache files. A key is a hash of the model and of the environment, because optimized graphs and plans
/// depend on both. The environment is the version of ONNX Runtime, the processor, the number of processors, and the session options.
/// <see cref="Revision"/> stands for the session options and for the format of the cache files.
/// </summary>
internal static class CacheKey
{
    /// <summary>Increase this number with every change of the session options or of the format of the cache files.</summary>
    private const int Revision = 3;

    private const int ReadSize = 1 << 20;

    /// <summary>The number of characters of a key: 32 hexadecimal digits for 16 bytes.</summary>
    private const int KeyLength = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private static readonly Lazy<string> EnvironmentText = new(DescribeEnvironment);

    /// <summary>Returns the key of a file in its current state, without reading its content.</summary>
    /// <exception cref="IOException">The status of the file cannot be read.</exception>
    public static string ForFile(string path) => ForFiles([path]);

    /// <summary>Returns the key of several files in their current state, without reading their content.</summary>
    /// <exception cref="IOException">The status of a file cannot be read.</exception>
    public static string ForFiles(IEnumerable<string> paths) => Convert.ToHexStringLower(
        XxHash128.Hash(Encoding.UTF8.GetBytes($"{string.Join('|', paths.Select(Identify))}|{EnvironmentText.Value}")));

    /// <summary>Returns the key of a model file in a version whose digest was verified.</summary>
    /// <param name="file">The name of the model file in its folder.</param>
    public static string ForDigest(ModelDigest digest, string file) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{digest}|{(file == ModelVersion.ModelFileName ? "" : $"{file}|")}{EnvironmentText.Value}"))
            .AsSpan(0, KeyLength / 2));

    /// <summary>
    /// Returns the key of a model's content, including its external data. The location of the files does not matter. Returns null when the
    /// external data are not in the model's folder, or change during the call.
    /// </summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ModelContent? TryReadContent(string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendFile(hash, path, cancellationToken);
        if (ExternalFiles.TryRead(path, cancellationToken) is not { } files || files.TryComputeStamp() is not { } stamp)
            return null;
        foreach (var name in files.Names)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"|{name}|"));
            AppendFile(hash, files.GetPath(name), cancellationToken);
        }

        hash.AppendData(Encoding.UTF8.GetBytes(EnvironmentText.Value));
        var key = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, KeyLength / 2));
        return files.TryComputeStamp() == stamp ? new ModelContent(key, files.EscapedNames) : null;
    }

    /// <summary>Whether a text has the form of a key. Any text of this form is safe as a part of a file name.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => text.Length == KeyLength && !text.ContainsAnyExcept(Digits);

    private static string Identify(string path) => FileState.Read(path) is { } state
        ? $"{Path.GetFullPath(path)}|{state}"
        : throw new IOException($"\"{path}\" is not an existing file, or its status cannot be read. Check the path and its permissions.");

    private static void AppendFile(IncrementalHash hash, string path, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var offset = 0L;
            while (RandomAccess.Read(file, buffer, offset) is var read and > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string DescribeEnvironment() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Revision}|{OrtEnv.Instance().GetVersionString()}|{RuntimeInformation.OSArchitecture}|{DescribeProcessor()}|"
        + $"{Environment.ProcessorCount}");

    private static string DescribeProcessor()
    {
        if (!X86Base.IsSupported)
            return $"{Dp.IsSupported} {Rdm.IsSupported}";
        // CPUID leaf 1 has the model (EAX) and features (ECX, EDX) of the processor. Leaf 7 has more features (EBX, ECX, EDX).
        var (model, _, ecx1, edx1) = X86Base.CpuId(1, 0);
        var (_, ebx7, ecx7, edx7) = X86Base.CpuId(7, 0);
        return $"{model:x} {ecx1:x} {edx1:x} {ebx7:x} {ecx7:x} {edx7:x}";
    }
}
