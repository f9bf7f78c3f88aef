using System.Collections.Immutable;

namespace Inference.Models.Settings;

/// <summary>The order of an image tensor's dimensions.</summary>
public enum ImageLayout
{
    /// <summary>A plane for each channel, as PyTorch has them.</summary>
    Nchw,

    /// <summary>The channels of a pixel together, as TensorFlow has them.</summary>
    Nhwc,
}

public enum ImageChannels
{
    Rgb,
    Bgr,

    /// <summary>One channel: the luma of ITU-R BT.601.</summary>
    Gray,
}

/// <summary>What becomes of an image whose sides have another ratio than the model's input.</summary>
public enum ImageResize
{
    /// <summary>It is stretched.</summary>
    Stretch,

    /// <summary>All of it is kept, in the middle of black.</summary>
    Fit,

    /// <summary>The largest part of the right ratio is kept, from the middle.</summary>
    Crop,
}

/// <summary>The filter that resizes an image. It is as wide as the reduction.</summary>
public enum ImageResample
{
    Bilinear,
    Bicubic,
}

/// <summary>
/// How a PNG, JPEG or WebP becomes the one input of a model. A channel of a pixel, 0 to 255, goes in as
/// <c>(value * Scale - Mean) / Std</c>.
/// </summary>
public sealed record ImageSettings
{
    public const int MaxSide = 4096;

    /// <summary>Pixels. 1 to <see cref="MaxSide"/>.</summary>
    public required int Height { get; init; }

    /// <summary>Pixels. 1 to <see cref="MaxSide"/>.</summary>
    public required int Width { get; init; }

    /// <value>Default: <see cref="ImageLayout.Nchw"/>.</value>
    public ImageLayout Layout { get; init; }

    /// <value>Default: <see cref="ImageChannels.Rgb"/>.</value>
    public ImageChannels Channels { get; init; }

    /// <value>Default: <see cref="ImageResize.Stretch"/>.</value>
    public ImageResize Resize { get; init; }

    /// <summary>
    /// Pixels of the shorter side of the resized image, of which <see cref="ImageResize.Crop"/> takes the middle. 1 to
    /// <see cref="MaxSide"/>.
    /// </summary>
    /// <value>Default: null, the largest part of the image is taken.</value>
    public int? ShortestEdge { get; init; }

    /// <value>Default: <see cref="ImageResample.Bilinear"/>.</value>
    public ImageResample Resample { get; init; }

    /// <value>Default: 1/255, which makes a channel 0 to 1.</value>
    public float Scale { get; init; } = 1f / 255;

    /// <summary>One for all channels, or one for each in their order.</summary>
    /// <value>Default: 0.</value>
    public ImmutableArray<float> Mean { get; init; } = [0];

    /// <summary>One for all channels, or one for each in their order.</summary>
    /// <value>Default: 1.</value>
    public ImmutableArray<float> Std { get; init; } = [1];

    /// <summary>The function that makes scores of the outputs of a classifier.</summary>
    /// <value>Default: null, sigmoid for one label and softmax for several.</value>
    public ScoreFunction? Scores { get; init; }

    /// <summary>Whether an image is turned upright as its EXIF data says, as browsers and viewers do.</summary>
    /// <value>Default: true.</value>
    public bool AppliesOrientation { get; init; } = true;

    public int ChannelCount => Channels == ImageChannels.Gray ? 1 : 3;
}
