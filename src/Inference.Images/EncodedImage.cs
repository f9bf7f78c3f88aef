using System.Buffers;
using System.Buffers.Binary;
using Inference.Tensors;
using SkiaSharp;

namespace Inference.Images;

/// <summary>A PNG, JPEG or WebP whose header was read. The file's bytes are not copied, and must not change before disposal.</summary>
internal sealed class EncodedImage : IDisposable
{
    /// <summary>
    /// The maximum number of pixels of an image. In decoded form, they use 128 MiB. A small file can declare any number of pixels, so the
    /// number is checked before memory is reserved. The decoders themselves refuse sides above 1,000,000 (PNG), 65,535 (JPEG) and 16,383
    /// (WebP), which limits the memory of a row.
    /// </summary>
    public const int MaxPixels = 32 * 1024 * 1024;

    /// <summary>
    /// The size of the RIFF identifier and the size field together, in bytes. The size field counts only the bytes after them.
    /// </summary>
    private const int RiffHeaderSize = 8;

    private readonly ReadOnlyMemory<byte> _file;
    private readonly string _path;
    private readonly MemoryHandle _pin;
    private readonly SKData _data;
    private readonly SKCodec _codec;

    /// <summary>Reads the header.</summary>
    /// <param name="path">The path of the image in the request, for error messages.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the file is not a supported image, or has too many pixels.
    /// </exception>
    public EncodedImage(ReadOnlyMemory<byte> file, string path)
    {
        if (file.IsEmpty)
            throw InferenceException.InvalidRequest($"{path} is empty. Send the bytes of a PNG, JPEG or WebP file.");
        // The check keeps other formats from the decoders, because Skia also decodes formats that this server refuses.
        if (!IsSupportedFormat(file.Span))
        {
            throw InferenceException.InvalidRequest(
                $"{path} is not a PNG, JPEG or WebP file. Convert it to one of these formats.");
        }

        (_file, _path) = (file, path);
        _pin = file.Pin();
        try
        {
            _data = SKData.Create(AddressOf(_pin), file.Length);
            _codec = SKCodec.Create(_data) ?? throw CreateDecodingError(SKCodecResult.ErrorInInput, path);
            if ((long)Width * Height > MaxPixels)
            {
                throw InferenceException.InvalidRequest(
                    $"{path} has {Width} x {Height} pixels; at most {MaxPixels} are decoded. Send a smaller image.");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The width in pixels as stored, before the orientation is applied.</summary>
    public int Width => _codec.Info.Width;

    /// <summary>The height in pixels as stored, before the orientation is applied.</summary>
    public int Height => _codec.Info.Height;

    /// <summary>
    /// The orientation from the EXIF data: the position of the first stored row and column when the image is upright. For example,
    /// <c>RightTop</c> means that the first row is the right edge, and the first column is the top edge.
    /// </summary>
    public SKEncodedOrigin Origin =>
        _file.Span.StartsWith(PngSignature) ? ExifOrientation.ReadPng(_file.Span)
        : IsWebP(_file.Span) ? ExifOrientation.ReadWebP(_file.Span)
        : _codec.EncodedOrigin;

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private static ReadOnlySpan<byte> JpegSignature => [0xFF, 0xD8, 0xFF];

    /// <summary>Whether the first bytes of a file are those of a supported format.</summary>
    public static bool IsSupportedFormat(ReadOnlySpan<byte> file) =>
        file.StartsWith(PngSignature) || file.StartsWith(JpegSignature) || IsWebP(file);

    /// <summary>Decodes the image. The memory must have the size in <paramref name="info"/>.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: pixels are missing. <see cref="InferenceError.Overloaded"/>: too little memory.
    /// </exception>
    public void Decode(SKImageInfo info, Memory<byte> pixels)
    {
        var isJpeg = _file.Span.StartsWith(JpegSignature);
        var scans = isJpeg ? JpegScans.Read(_file.Span) : default;
        if ((isJpeg && !scans.AreComplete) || IsCutOffWebP(_file.Span) || IsCutOffPng(_file.Span))
            throw CreateIncompleteFileError(_path);
        var memory = Width * Height * GetDecoderBytesPerPixel(_file.Span, scans.IsProgressive || scans.Count > 1);
        RequestMemory.Charge(memory);
        try
        {
            if (isJpeg && scans.EndMarkerOffset < 0)
            {
                JpegWithoutEnd.Decode(_file.Span, info, pixels, _path);
                return;
            }

            Decode(_codec, info, pixels, _path);
            if (isJpeg && JpegWithoutEnd.MayHaveWrongEnd(info, pixels.Span))
                JpegWithoutEnd.Decode(_file.Span[..scans.EndMarkerOffset], info, pixels, _path);
        }
        finally
        {
            RequestMemory.Release(memory);
        }
    }

    /// <param name="path">The path of the image in the request, for error messages.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: pixels are missing.</exception>
    public static void Decode(SKCodec codec, SKImageInfo info, Memory<byte> pixels, string path)
    {
        using var pin = pixels.Pin();
        if (codec.GetPixels(info, AddressOf(pin)) is var result && result != SKCodecResult.Success)
            throw CreateDecodingError(result, path);
    }

    /// <summary>Creates the error for a file that is cut off.</summary>
    /// <param name="path">The path of the image in the request.</param>
    public static InferenceException CreateIncompleteFileError(string path) =>
        InferenceException.InvalidRequest($"{path} ends early: the file is incomplete. Send all of its bytes.");

    public void Dispose()
    {
        _codec?.Dispose();
        _data?.Dispose();
        _pin.Dispose();
    }

    /// <summary>Returns the address of pinned memory, valid until the pin's disposal.</summary>
    public static unsafe nint AddressOf(in MemoryHandle pin) => (nint)pin.Pointer;

    public static InferenceException CreateDecodingError(SKCodecResult result, string path) =>
        result == SKCodecResult.IncompleteInput
            ? CreateIncompleteFileError(path)
            : InferenceException.InvalidRequest($"{path} cannot be decoded: {result}. Save it again as PNG, JPEG or WebP.");

    private static bool IsWebP(ReadOnlySpan<byte> file) =>
        file.Length >= 12 && file.StartsWith("RIFF"u8) && file[RiffHeaderSize..].StartsWith("WEBP"u8);

    private static bool IsCutOffWebP(ReadOnlySpan<byte> file) =>
        IsWebP(file) && BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + (long)RiffHeaderSize > file.Length;

    /// <summary>
    /// Whether a PNG lacks its last chunk or a part of it. The decoder stops after the last pixel, so it would not notice.
    /// </summary>
    private static bool IsCutOffPng(ReadOnlySpan<byte> file) =>
        file.StartsWith(PngSignature) && !ImageChunks.TryFindInPng(file, "IEND"u8, out _);

    /// <summary>
    /// Returns the number of bytes that a decoder keeps for each pixel of the whole image, in addition to the pixel itself. These bytes
    /// hold the coefficients of a JPEG with several scans, the planes of a WebP, or the rows of an interlaced PNG.
    /// </summary>
    private static int GetDecoderBytesPerPixel(ReadOnlySpan<byte> file, bool hasSeveralScans)
    {
        // The position of the interlace method in a PNG file: the last byte of the IHDR chunk's data.
        const int InterlaceOffset = 28;
        if (IsWebP(file))
            return 4;
        if (file.StartsWith(JpegSignature))
            return hasSeveralScans ? 6 : 0;
        return file.Length > InterlaceOffset && file[InterlaceOffset] != 0 ? 8 : 0;
    }
}
