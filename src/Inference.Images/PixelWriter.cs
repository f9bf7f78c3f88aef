using System.Numerics;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Images;

/// <summary>Writes pixels as elements of a tensor, in the layout and channel order of the settings and in the tensor's type.</summary>
internal static class PixelWriter
{
    /// <summary>The weights of red, green and blue for the conversion to gray, as in ITU-R BT.601 and in Pillow.</summary>
    private static readonly Vector4 Luma = new(0.299f, 0.587f, 0.114f, 0);

    /// <param name="item">The position of the image in the batch.</param>
    public static void Write(ReadOnlySpan<Vector4> pixels, ImageSettings settings, Tensor tensor, int item)
    {
        var offset = item * settings.ChannelCount * pixels.Length;
        for (var channel = 0; channel < settings.ChannelCount; channel++)
        {
            var elements = settings.Layout == ImageLayout.Nchw
                ? (Start: channel * pixels.Length, Step: 1)
                : (Start: channel, Step: settings.ChannelCount);
            var (factor, addend) = GetNormalization(settings, channel);
            var color = settings.Channels switch
            {
                ImageChannels.Rgb => channel,
                ImageChannels.Bgr => 2 - channel,
                ImageChannels.Gray => -1,
            };
            for (var i = 0; i < pixels.Length; i++)
            {
                var value = color < 0 ? Vector4.Dot(pixels[i], Luma) : pixels[i][color];
                Set(tensor, offset + elements.Start + (i * elements.Step), (value * factor) + addend);
            }
        }
    }

    /// <summary>Returns <c>(value * scale - mean) / std</c> as one multiplication and one addition.</summary>
    private static (float Factor, float Addend) GetNormalization(ImageSettings settings, int channel)
    {
        var mean = settings.Mean[Math.Min(channel, settings.Mean.Length - 1)];
        var std = settings.Std[Math.Min(channel, settings.Std.Length - 1)];
        return (settings.Scale / std, -mean / std);
    }

    private static void Set(Tensor tensor, int index, float value)
    {
        if (tensor.Type == ElementType.Float32)
            tensor.Values<float>()[index] = value;
        else if (tensor.Type == ElementType.Float16)
            tensor.Values<Half>()[index] = (Half)value;
        else
            tensor.Data.Span[index] = (byte)Math.Clamp(MathF.Round(value), byte.MinValue, byte.MaxValue);
    }
}
