using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Images;

/// <summary>Reads a PNG or JPEG into the one input of a model that declares how images become its input.</summary>
public static class ImageReader
{
    private const string Path = "The image";

    /// <summary>Pixels of the image and of the model's input together that are worth no other thread: they take half a millisecond.</summary>
    private const int BriefPixels = 8 * 1024;

    /// <summary>Reads the header of the image. Small images are decoded at once, the others by the request's work.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the model takes no images, or this one cannot be read.</exception>
    public static PredictionRequest Read(ReadOnlyMemory<byte> body, Model model)
    {
        if (model.Image is not { } settings)
            throw InferenceException.InvalidRequest($"Model {model.Id.Name} takes no images: its {ModelSettings.FileName} has no \"image\". Send JSON.");

        using var image = new EncodedImage(body);
        var request = new PredictionRequest();
        if ((long)image.Width * image.Height + settings.Width * settings.Height <= BriefPixels)
            AddInput(request, image, settings, model, CancellationToken.None);
        else
            request.Work = (request, cancellationToken) => AddInput(request, body, settings, model, cancellationToken);
        return request;
    }

    private static void AddInput(
        PredictionRequest request, ReadOnlyMemory<byte> body, ImageSettings settings, Model model, CancellationToken cancellationToken)
    {
        using var image = new EncodedImage(body);
        AddInput(request, image, settings, model, cancellationToken);
    }

    private static void AddInput(
        PredictionRequest request, EncodedImage image, ImageSettings settings, Model model, CancellationToken cancellationToken)
    {
        var input = model.Signature.Inputs[0];
        using var target = new PixelBuffer(settings.Height * settings.Width);
        using (var pixels = DecodedImage.Read(image))
            Resampler.Resize(pixels, settings, target.Pixels, cancellationToken);
        var tensor = Tensor.Rent(input.Type, ShapeOf(settings, input.Shape.Rank));
        request.Inputs.Add(new RequestInput(input.Name, tensor, Path));
        PixelWriter.Write(target.Pixels, settings, tensor);
    }

    private static Shape ShapeOf(ImageSettings settings, int rank)
    {
        long[] shape = settings.Layout == ImageLayout.Nchw
            ? [1, settings.ChannelCount, settings.Height, settings.Width]
            : [1, settings.Height, settings.Width, settings.ChannelCount];
        return new Shape(shape.AsSpan(shape.Length - rank));
    }
}
