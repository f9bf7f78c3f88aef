using SkiaSharp;

namespace Inference.Images;

/// <summary>Where the pixels of an image come to lie in the target, by the orientation that the image declares.</summary>
/// <param name="Start">The place of the first pixel.</param>
/// <param name="ColumnStep">From a pixel to the next of its row.</param>
/// <param name="RowStep">From a row to the next one.</param>
internal readonly record struct Placement(int Start, int ColumnStep, int RowStep)
{
    /// <summary>Whether the rows of the image are columns when it is upright.</summary>
    public static bool IsTransposed(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    /// <param name="stride">Pixels of a row of the target.</param>
    /// <param name="left">Where the upright image begins in the target.</param>
    /// <param name="top">Where the upright image begins in the target.</param>
    /// <param name="width">Of the upright image.</param>
    /// <param name="height">Of the upright image.</param>
    public static Placement Create(SKEncodedOrigin origin, int stride, int left, int top, int width, int height)
    {
        // EXIF 2.32, tag 274: where the first row and the first column are when the image is upright.
        var isMirrored = origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight or SKEncodedOrigin.RightTop
            or SKEncodedOrigin.RightBottom;
        var isUpsideDown = origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft or SKEncodedOrigin.RightBottom
            or SKEncodedOrigin.LeftBottom;
        var (x, y) = (left + (isMirrored ? width - 1 : 0), top + (isUpsideDown ? height - 1 : 0));
        var (right, down) = (isMirrored ? -1 : 1, isUpsideDown ? -stride : stride);
        return IsTransposed(origin) ? new Placement((y * stride) + x, down, right) : new Placement((y * stride) + x, right, down);
    }
}
