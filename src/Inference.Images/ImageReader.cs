using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Images;

/// <summary>Reads a PNG or JPEG into the one input of a model that declares how images become its input.</summary>
public static class ImageReader
{
    private const string Path = "The image";

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the model takes no images, or this one cannot be read.</exception>
    public static PredictionRequest Read(ReadOnlyMemory<byte> body, Model model)
    {
        if (model.Image is not { } settings)
            throw InferenceException.InvalidRequest($"Model {model.Id.Name} takes no images: its {ModelSettings.FileName} has no \"image\". Send JSON.");

        using var pixels = DecodedImage.Read(body.Span);
        var image = Resampler.Resize(pixels, settings);
        var input = model.Signature.Inputs[0];
        var tensor = Tensor.Rent(input.Type, ShapeOf(settings, input.Shape.Rank));
        PixelWriter.Write(image, settings, tensor);
        return new PredictionRequest { Inputs = { new RequestInput(input.Name, tensor, Path) } };
    }

    private static Shape ShapeOf(ImageSettings settings, int rank)
    {
        long[] shape = settings.Layout == ImageLayout.Nchw
            ? [1, settings.ChannelCount, settings.Height, settings.Width]
            : [1, settings.Height, settings.Width, settings.ChannelCount];
        return new Shape(shape.AsSpan(shape.Length - rank));
    }
}
