using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>The order of an image tensor's dimensions.</summary>
public enum ImageLayout
{
    /// <summary>Batch, channels, height, width: each channel is a plane, as in PyTorch.</summary>
    Nchw,

    /// <summary>Batch, height, width, channels: the channels of a pixel are adjacent, as in TensorFlow.</summary>
    Nhwc,
}

/// <summary>The channels of a pixel and their order.</summary>
public enum ImageChannels
{
    Rgb,
    Bgr,

    /// <summary>One channel: the luma of ITU-R BT.601.</summary>
    Gray,
}

/// <summary>The treatment of an image whose aspect ratio differs from the model's input.</summary>
public enum ImageResize
{
    /// <summary>The image is stretched.</summary>
    Stretch,

    /// <summary>The whole image is kept, centered on black.</summary>
    Fit,

    /// <summary>The largest centered part with the right aspect ratio is kept.</summary>
    Crop,
}

/// <summary>The filter that resizes an image. When an image is reduced, the filter becomes wider by the same factor.</summary>
public enum ImageResample
{
    Bilinear,
    Bicubic,
}

/// <summary>
/// Settings that convert a PNG, JPEG or WebP image to the only input of a model. A channel value of a pixel, 0 to 255, is converted by
/// <c>(value * Scale - Mean) / Std</c>. Compared by value.
/// </summary>
public sealed record ImageSettings
{
    /// <summary>The largest value of <see cref="Height"/>, <see cref="Width"/> and <see cref="ShortestEdge"/>, in pixels.</summary>
    public const int MaxSide = 4096;

    /// <summary>The height in pixels, 1 to <see cref="MaxSide"/>.</summary>
    public required int Height { get; init; }

    /// <summary>The width in pixels, 1 to <see cref="MaxSide"/>.</summary>
    public required int Width { get; init; }

    /// <summary>The order of the input's dimensions.</summary>
    /// <value>Default: <see cref="ImageLayout.Nchw"/>.</value>
    public ImageLayout Layout { get; init; }

    /// <summary>The channels of the input and their order.</summary>
    /// <value>Default: <see cref="ImageChannels.Rgb"/>.</value>
    public ImageChannels Channels { get; init; }

    /// <summary>The treatment of an image whose aspect ratio differs from the input.</summary>
    /// <value>Default: <see cref="ImageResize.Stretch"/>.</value>
    public ImageResize Resize { get; init; }

    /// <summary>
    /// The shorter side of the resized image in pixels, 1 to <see cref="MaxSide"/>. <see cref="ImageResize.Crop"/> then cuts out the
    /// center.
    /// </summary>
    /// <value>Default: null. The largest centered part with the right aspect ratio is then cut out.</value>
    public int? ShortestEdge { get; init; }

    /// <summary>The filter that resizes an image.</summary>
    /// <value>Default: <see cref="ImageResample.Bilinear"/>.</value>
    public ImageResample Resample { get; init; }

    /// <summary>The factor that each channel value is multiplied by.</summary>
    /// <value>Default: 1/255, which maps the values of a channel to the range from 0 to 1.</value>
    public float Scale { get; init; } = 1f / 255;

    /// <summary>The mean: one for all channels, or one per channel in their order.</summary>
    /// <value>Default: 0.</value>
    public ImmutableArray<float> Mean { get; init; } = [0];

    /// <summary>The standard deviation: one for all channels, or one per channel in their order.</summary>
    /// <value>Default: 1.</value>
    public ImmutableArray<float> Std { get; init; } = [1];

    /// <summary>The function that converts a classifier's outputs to scores.</summary>
    /// <value>Default: null, which means sigmoid for one label and softmax for several.</value>
    public ScoreFunction? Scores { get; init; }

    /// <summary>Whether an image is turned upright according to its EXIF data, as browsers and viewers do.</summary>
    /// <value>Default: true.</value>
    public bool AppliesOrientation { get; init; } = true;

    public int ChannelCount => Channels == ImageChannels.Gray ? 1 : 3;

    public bool Equals(ImageSettings? other) =>
        other is not null
        && (Height, Width, Layout, Channels, Resize, ShortestEdge, Resample, Scale, Scores, AppliesOrientation)
        == (other.Height, other.Width, other.Layout, other.Channels, other.Resize, other.ShortestEdge, other.Resample, other.Scale,
            other.Scores, other.AppliesOrientation)
        && Mean.SequenceEqual(other.Mean) && Std.SequenceEqual(other.Std);

    public override int GetHashCode() => HashCode.Combine(Height, Width, Layout, Channels, Resize, Scale);
}
