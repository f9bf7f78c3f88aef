using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// The positions of an image's pixels in the target, according to the orientation that the image declares. A position is the index of a
/// pixel in the target, whose rows follow each other.
/// </summary>
/// <param name="Start">The position of the first pixel.</param>
/// <param name="ColumnStep">The distance from a pixel to the next pixel in its row.</param>
/// <param name="RowStep">The distance from a row to the next row.</param>
internal readonly record struct Placement(int Start, int ColumnStep, int RowStep)
{
    /// <summary>Whether the rows of the stored image are columns of the upright image.</summary>
    public static bool IsTransposed(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    /// <param name="stride">The number of pixels in a row of the target.</param>
    /// <param name="left">The left edge of the upright image in the target.</param>
    /// <param name="top">The top edge of the upright image in the target.</param>
    /// <param name="width">The width of the upright image.</param>
    /// <param name="height">The height of the upright image.</param>
    public static Placement Create(SKEncodedOrigin origin, int stride, int left, int top, int width, int height)
    {
        // The names of the values follow EXIF 2.32, tag 274: the position of the first row, and then of the first column, when the image is
        // upright.
        var isMirrored = origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight or SKEncodedOrigin.RightTop
            or SKEncodedOrigin.RightBottom;
        var isUpsideDown = origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft or SKEncodedOrigin.RightBottom
            or SKEncodedOrigin.LeftBottom;
        var (x, y) = (left + (isMirrored ? width - 1 : 0), top + (isUpsideDown ? height - 1 : 0));
        var (right, down) = (isMirrored ? -1 : 1, isUpsideDown ? -stride : stride);
        return IsTransposed(origin) ? new Placement((y * stride) + x, down, right) : new Placement((y * stride) + x, right, down);
    }
}
