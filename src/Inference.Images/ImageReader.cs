using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Images;

/// <summary>
/// Reads PNG, JPEG and WebP files as the input of a model. The model has one input, and the model's settings declare how an image becomes
/// this input.
/// </summary>
public static class ImageReader
{
    /// <summary>The maximum number of images in one request.</summary>
    public const int MaxImages = 256;

    private const string ImagePath = "The image";

    /// <summary>
    /// The maximum number of pixels for decoding on the caller's thread. The pixels of the image and of the model's input are counted
    /// together. Decoding this number of pixels takes at most half a millisecond.
    /// </summary>
    private const int MaxPixelsOnCaller = 8 * 1024;

    /// <summary>Whether the first bytes of a body are those of a supported image format.</summary>
    public static bool IsImage(ReadOnlySpan<byte> body) => EncodedImage.IsSupportedFormat(body);

    /// <summary>
    /// Reads the header of the image. A small image is decoded at once, a larger image by <see cref="PredictionRequest.RemainingWork"/>.
    /// </summary>
    /// <param name="body">The file, which must not change before the remaining work has run.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the model does not accept images, or the image cannot be read.
    /// </exception>
    public static PredictionRequest Read(ReadOnlyMemory<byte> body, Model model)
    {
        if (model.Image is not { } settings)
        {
            throw InferenceException.InvalidRequest(
                model is { Text: null, Warnings.IsEmpty: false }
                    ? $"Model {model.Id.Name} accepts only tensors: {string.Join(' ', model.Warnings)}"
                    : $"Model {model.Id.Name} accepts no images: its {ModelSettings.FileName} has no \"image\". Send JSON.");
        }

        using var image = new EncodedImage(body, ImagePath);
        var request = new PredictionRequest();
        if ((long)image.Width * image.Height + settings.Width * settings.Height <= MaxPixelsOnCaller)
            AddInput(request, image, settings, model, CancellationToken.None);
        else
            request.RemainingWork = (request, cancellationToken) => AddInput(request, body, settings, model, cancellationToken);
        return request;
    }

    /// <summary>
    /// Adds <see cref="PredictionRequest.RemainingWork"/> that decodes the images in a BYTES input, if the model accepts images. Each
    /// element of the input is one image, as a file or in base64. Other requests stay unchanged.
    /// </summary>
    public static void AddDecodingWork(PredictionRequest request, Model model)
    {
        if (model.Image is { } settings && request is { RemainingWork: null, Inputs: [{ Tensor.Type: ElementType.Bytes }] }
            && model.Signature.Inputs[0].Name == request.Inputs[0].Name)
        {
            request.RemainingWork = (request, cancellationToken) => ReplaceInput(request, settings, model, cancellationToken);
        }
    }

    private static void ReplaceInput(PredictionRequest request, ImageSettings settings, Model model, CancellationToken cancellationToken)
    {
        var (input, files) = (model.Signature.Inputs[0], request.Inputs[0]);
        using var elements = files.Tensor;
        request.Inputs.Clear();
        if (!elements.Shape.TryCount(out var count) || count > MaxImages)
        {
            throw InferenceException.InvalidRequest(
                $"{files.Path} has {count} images; at most {MaxImages} are decoded in one request. Send them in several requests.");
        }

        if (count != 1 && input.Shape.Rank == ShapeOf(settings).Length - 1)
        {
            throw InferenceException.InvalidRequest(
                $"{files.Path} has {count} images; the model accepts one. Send each image in a separate request.");
        }

        var tensor = Tensor.Rent(input.Type, ShapeOf(settings, input.Shape.Rank, count));
        request.Inputs.Add(new RequestInput(input.Name, tensor, files.Path));
        var rest = (ReadOnlyMemory<byte>)elements.Data;
        for (var item = 0; item < count; item++)
        {
            var path = elements.Shape.Rank == 0
                ? files.Path
                : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{files.Path}[{item}]");
            using var file = ImageText.Open(PackedBytes.TakeFirst(ref rest), path);
            using var image = new EncodedImage(file.Bytes, path);
            Decode(image, settings, tensor, item, cancellationToken);
        }
    }

    private static void AddInput(
        PredictionRequest request, ReadOnlyMemory<byte> body, ImageSettings settings, Model model, CancellationToken cancellationToken)
    {
        using var image = new EncodedImage(body, ImagePath);
        AddInput(request, image, settings, model, cancellationToken);
    }

    private static void AddInput(
        PredictionRequest request, EncodedImage image, ImageSettings settings, Model model, CancellationToken cancellationToken)
    {
        var input = model.Signature.Inputs[0];
        var tensor = Tensor.Rent(input.Type, ShapeOf(settings, input.Shape.Rank, count: 1));
        try
        {
            Decode(image, settings, tensor, item: 0, cancellationToken);
        }
        catch
        {
            tensor.Dispose();
            throw;
        }

        request.Inputs.Add(new RequestInput(input.Name, tensor, ImagePath));
    }

    private static void Decode(EncodedImage image, ImageSettings settings, Tensor tensor, int item, CancellationToken cancellationToken)
    {
        using var target = new PixelBuffer(settings.Height * settings.Width);
        using (var pixels = DecodedImage.Read(image))
            Resampler.Resize(pixels, settings, target.Pixels, cancellationToken);
        PixelWriter.Write(target.Pixels, settings, tensor, item);
    }

    private static Shape ShapeOf(ImageSettings settings, int rank, long count)
    {
        var shape = ShapeOf(settings);
        shape[0] = count;
        return new Shape(shape.AsSpan(shape.Length - rank));
    }

    private static long[] ShapeOf(ImageSettings settings) => settings.Layout == ImageLayout.Nchw
        ? [1, settings.ChannelCount, settings.Height, settings.Width]
        : [1, settings.Height, settings.Width, settings.ChannelCount];
}
