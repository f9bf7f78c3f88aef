using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Inference.Models;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Cache;

/// <summary>
/// Names of what is kept for a model: each holds the version of ONNX Runtime, the processor and the session options as well,
/// for an optimized graph is laid out for them and a plan was measured with them.
/// </summary>
internal static class CacheKey
{
    /// <summary>Goes up whenever the session options or the files of the cache change.</summary>
    private const int Revision = 2;

    private const int ReadSize = 1 << 20;
    private const int Length = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private static readonly Lazy<string> Environment = new(DescribeEnvironment);

    /// <summary>Of the file as it lies there now, without reading it.</summary>
    /// <exception cref="IOException">The file cannot be looked at.</exception>
    public static string OfFile(string path) =>
        Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes($"{FileIdentity.Of(path)}|{Environment.Value}")));

    /// <summary>Of the model, wherever it lies; null for a model with external data, which one file does not settle.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string? OfContent(string path, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var marker = ExternalData.Marker;
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var (offset, kept) = (0L, 0);
            while (RandomAccess.Read(file, buffer.AsSpan(kept), offset) is var read and > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, kept, read);
                if (buffer.AsSpan(0, kept + read).IndexOf(marker) >= 0)
                    return null;
                offset += read;
                var tail = Math.Min(marker.Length - 1, kept + read);
                buffer.AsSpan(kept + read - tail, tail).CopyTo(buffer);
                kept = tail;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        hash.AppendData(Encoding.UTF8.GetBytes(Environment.Value));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, Length / 2));
    }

    public static bool IsValid(ReadOnlySpan<char> text) => text.Length == Length && !text.ContainsAnyExcept(Digits);

    private static string DescribeEnvironment() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Revision}|{OrtEnv.Instance().GetVersionString()}|{RuntimeInformation.OSArchitecture}|{DescribeProcessor()}|{System.Environment.ProcessorCount}");

    private static string DescribeProcessor()
    {
        if (!X86Base.IsSupported)
            return $"{Dp.IsSupported} {Rdm.IsSupported}";
        var (model, _, general, more) = X86Base.CpuId(1, 0);
        var (_, wide, wider, widest) = X86Base.CpuId(7, 0);
        return $"{model:x} {general:x} {more:x} {wide:x} {wider:x} {widest:x}";
    }
}
