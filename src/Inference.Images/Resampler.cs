using System.Numerics;
using Inference.Models.Settings;
using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// Resizes with a triangle or cubic filter in floating point. A reduction widens the filter by the same factor, so that all source pixels
/// contribute. Pillow's BILINEAR and BICUBIC and torchvision's <c>antialias=True</c> do the same. Each row of the source is resized to the
/// target's width. The resized row, times a weight, is then added to rows of the target. Therefore only two rows are in memory, in addition
/// to the source and the target.
/// </summary>
internal static class Resampler
{
    /// <param name="target">The pixels of the target, row by row, with channels from 0 to 255.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static void Resize(DecodedImage source, ImageSettings settings, Span<Vector4> target, CancellationToken cancellationToken)
    {
        var origin = settings.AppliesOrientation ? source.Origin : SKEncodedOrigin.TopLeft;
        var isTransposed = Placement.IsTransposed(origin);
        var uprightSize = isTransposed ? (source.Height, source.Width) : (source.Width, source.Height);
        var (width, height) = GetScaledSize(uprightSize, settings);
        var (left, top) = ((settings.Width - width) / 2, (settings.Height - height) / 2);
        var placement = Placement.Create(origin, settings.Width, left, top, width, height);
        var (columns, rows) = GetSourceArea(uprightSize, settings);
        if (isTransposed)
            (width, height, columns, rows) = (height, width, rows, columns);
        var horizontal = ResampleWeights.Create(source.Width, columns.Start, columns.Length, width, settings.Resample);
        var vertical = ResampleWeights.Create(source.Height, rows.Start, rows.Length, height, settings.Resample);
        using var sourceRow = new PixelBuffer(source.Width);
        var resizedRow = new Vector4[width];
        var firstRow = 0;
        for (var y = vertical[0].Start; y < vertical[^1].End; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ToVectors(source.GetRow(y), sourceRow.Pixels);
            ResampleRow(sourceRow.Pixels, horizontal, resizedRow);
            while (vertical[firstRow].End <= y)
                firstRow++;
            for (var row = firstRow; row < height && vertical[row].Start <= y; row++)
            {
                AddWeighted(resizedRow, vertical[row].Values[y - vertical[row].Start], target,
                    placement with { Start = placement.Start + (row * placement.RowStep) });
            }
        }

        if (settings.Resample == ImageResample.Bicubic)
            Clamp(target);
    }

    /// <summary>Limits the channels to 0 to 255. At edges in the image, a cubic filter computes values outside this range.</summary>
    private static void Clamp(Span<Vector4> pixels)
    {
        foreach (ref var pixel in pixels)
            pixel = Vector4.Clamp(pixel, Vector4.Zero, new Vector4(byte.MaxValue));
    }

    /// <summary>Returns the size of the target area that the image fills.</summary>
    private static (int Width, int Height) GetScaledSize((int Width, int Height) source, ImageSettings settings)
    {
        if (settings.Resize != ImageResize.Fit)
            return (settings.Width, settings.Height);
        var scale = Math.Min((double)settings.Width / source.Width, (double)settings.Height / source.Height);
        return (
            Math.Clamp((int)Math.Round(source.Width * scale), 1, settings.Width),
            Math.Clamp((int)Math.Round(source.Height * scale), 1, settings.Height));
    }

    /// <summary>Returns the area of the image that is used.</summary>
    private static ((double Start, double Length) Columns, (double Start, double Length) Rows) GetSourceArea(
        (int Width, int Height) source, ImageSettings settings)
    {
        if (settings.Resize != ImageResize.Crop)
            return ((0, source.Width), (0, source.Height));
        if (settings.ShortestEdge is { } edge)
            return CenterCrop(source, edge, settings);
        var scale = Math.Min((double)source.Width / settings.Width, (double)source.Height / settings.Height);
        var (width, height) = (settings.Width * scale, settings.Height * scale);
        return (((source.Width - width) / 2, width), ((source.Height - height) / 2, height));
    }

    /// <summary>
    /// Returns the area that a center crop keeps after the shorter side was resized to <paramref name="edge"/>. The positions are those of
    /// the image before the resize.
    /// </summary>
    private static ((double Start, double Length) Columns, (double Start, double Length) Rows) CenterCrop(
        (int Width, int Height) source, int edge, ImageSettings settings)
    {
        var shorter = Math.Min(source.Width, source.Height);
        // The size is rounded down to whole pixels, as in Hugging Face's image processor. A pixel may be missing at the right or bottom.
        var (width, height) = ((int)((long)edge * source.Width / shorter), (int)((long)edge * source.Height / shorter));
        return (CropAxis(width, source.Width, settings.Width), CropAxis(height, source.Height, settings.Height));

        static (double Start, double Length) CropAxis(int resized, int original, int kept)
        {
            var scale = (double)original / resized;
            return ((resized - kept) / 2 * scale, kept * scale);
        }
    }

    private static void ToVectors(ReadOnlySpan<byte> pixels, Span<Vector4> sourceRow)
    {
        for (var x = 0; x < sourceRow.Length; x++)
        {
            var pixel = pixels.Slice(x * DecodedImage.BytesPerPixel, DecodedImage.BytesPerPixel);
            sourceRow[x] = new Vector4(pixel[0], pixel[1], pixel[2], 0);
        }
    }

    private static void ResampleRow(ReadOnlySpan<Vector4> sourceRow, ReadOnlySpan<ResampleWeights> weights, Span<Vector4> resizedRow)
    {
        for (var x = 0; x < resizedRow.Length; x++)
        {
            var sum = Vector4.Zero;
            var values = weights[x].Values;
            var covered = sourceRow.Slice(weights[x].Start, values.Length);
            for (var i = 0; i < values.Length; i++)
                sum += values[i] * covered[i];
            resizedRow[x] = sum;
        }
    }

    private static void AddWeighted(ReadOnlySpan<Vector4> row, float weight, Span<Vector4> target, Placement placement)
    {
        for (var x = 0; x < row.Length; x++)
            target[placement.Start + (x * placement.ColumnStep)] += weight * row[x];
    }
}
