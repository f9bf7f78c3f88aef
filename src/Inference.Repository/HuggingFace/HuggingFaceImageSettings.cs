using System.Collections.Immutable;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Repository.HuggingFace;

/// <summary>Reads the image settings of a Hugging Face folder from its <c>preprocessor_config.json</c>.</summary>
internal static class HuggingFaceImageSettings
{
    public const string File = "preprocessor_config.json";
    private const string ImageKey = "image";

    /// <summary>The number of the bilinear filter in Pillow.</summary>
    private const int Bilinear = 2;

    /// <summary>The number of the bicubic filter in Pillow.</summary>
    private const int Bicubic = 3;

    /// <summary>The default of <c>crop_pct</c> for ConvNeXt: the fraction of each side of the resized image that the crop keeps.</summary>
    private const double ConvNextCrop = 224d / 256;

    /// <summary>Reads the settings. Adds problems to <paramref name="files"/> for values that cannot be used.</summary>
    /// <returns>Null when the file is missing or unusable, or has no valid size of the images.</returns>
    /// <param name="scores">The function for the scores of the model.</param>
    public static ImageSettings? Read(FolderJson files, ScoreFunction? scores)
    {
        var config = files.Read(File, ImageKey);
        if (config.ValueKind != JsonValueKind.Object)
        {
            files.AddProblem(ImageKey, File, "",
                "The size of images is unknown, because the file is missing or is not a JSON object. Write \"image\" in model.json.",
                isUnsupported: true);
            return null;
        }

        // The size of the crop is checked only if images are cropped, because it has no other use.
        if (HasSizeProblem(config, "size", files)
            | (config.GetFlag("do_center_crop") == true && HasSizeProblem(config, "crop_size", files)))
        {
            return null;
        }

        if (ReadSize(config) is not { } settings)
        {
            files.AddProblem(ImageKey, File, "$.size",
                $"The size of images is missing or larger than {ImageSettings.MaxSide}. Write \"image\" in model.json.");
            return null;
        }

        ReportResizing(config, files);
        var isRescaled = config.GetFlag("do_rescale") != false;
        var (mean, std) = ReadNormalization(config, files);
        return settings with
        {
            Channels = config.GetFlag("do_flip_channel_order") == true ? ImageChannels.Bgr : ImageChannels.Rgb,
            Resample = config.GetNumber("resample") == Bicubic ? ImageResample.Bicubic : ImageResample.Bilinear,
            Scale = isRescaled ? (float)(config.GetNumber("rescale_factor") ?? 1d / byte.MaxValue) : 1,
            // EfficientNet subtracts 1 after the rescaling. A mean that is larger by 1 has the same effect.
            Mean = isRescaled && config.GetFlag("rescale_offset") == true ? [.. mean.Select(number => number + 1)] : mean,
            Std = std,
            Scores = scores,
        };
    }

    private static void ReportResizing(JsonElement config, FolderJson files)
    {
        if (config.GetNumber("resample") is { } filter && filter is not (Bilinear or Bicubic))
        {
            files.AddProblem("image.resample", File, "$.resample",
                $"Filter {filter} is not supported. Supported are {Bilinear} (bilinear) and {Bicubic} (bicubic).",
                isUnsupported: true);
        }

        if (config.GetFlag("do_resize") == false)
        {
            files.AddProblem("image.resize", File, "$.do_resize",
                "It is false, but this server always resizes images. Write \"image\" with \"resize\" in model.json.",
                isUnsupported: true);
        }
    }

    private static (ImmutableArray<float> Mean, ImmutableArray<float> Std) ReadNormalization(JsonElement config, FolderJson files)
    {
        // MobileViT's processor does not normalize, and its file does not say so.
        var isNormalized = config.GetFlag("do_normalize") ?? !IsProcessor(config, "MobileViT");
        // EfficientNet's processor divides by the standard deviation once more, even if it does not normalize.
        var dividesAgain = config.GetFlag("include_top") ?? IsProcessor(config, "EfficientNet");
        ImmutableArray<float> mean = isNormalized ? ReadNumbers(config, "image_mean") : [0];
        ImmutableArray<float> std = isNormalized || dividesAgain ? ReadNumbers(config, "image_std") : [1];
        if (isNormalized && dividesAgain)
            std = [.. std.Select(number => number * number)];
        if (mean.IsEmpty)
        {
            files.AddProblem("image.mean", File, "$.image_mean",
                "Images are normalized, but the mean is neither one number nor three. Write \"image\" with \"mean\" in model.json.");
        }

        if (std.IsEmpty || std.Any(number => number == 0))
        {
            files.AddProblem("image.std", File, "$.image_std",
                "Images are divided by the standard deviation, but it is not one number or three numbers other than 0. Write \"image\" "
                + "with \"std\" in model.json.");
        }

        return (mean.IsEmpty ? [0] : mean, std.IsEmpty ? [1] : std);
    }

    /// <summary>Whether the file belongs to the image processor of a family of models, such as ConvNext.</summary>
    private static bool IsProcessor(JsonElement config, string family) =>
        (config.GetText("image_processor_type") ?? config.GetText("feature_extractor_type") ?? "")
            .StartsWith(family, StringComparison.Ordinal);

    /// <summary>Reports a size that is neither a number nor an object of numbers.</summary>
    /// <returns>Whether there is a problem.</returns>
    private static bool HasSizeProblem(JsonElement config, string name, FolderJson files)
    {
        var expected = $"a whole number from 1 to {ImageSettings.MaxSide}";
        var size = config.Get(name);
        if (size.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            return false;
        if (size.ValueKind != JsonValueKind.Object)
        {
            if (config.GetCount(name) is >= 1 and <= ImageSettings.MaxSide)
                return false;
            files.AddTypeProblem(ImageKey, File, $"$.{name}", size, $"{expected}, or an object with \"height\" and \"width\",");
            return true;
        }

        var sides = (string[])["height", "width", "shortest_edge"];
        var invalidSides = sides.Where(side => size.Get(side).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)
            && size.GetCount(side) is not (>= 1 and <= ImageSettings.MaxSide)).ToList();
        invalidSides.ForEach(side => files.AddTypeProblem(ImageKey, File, $"$.{name}.{side}", size.Get(side), expected));
        return invalidSides.Count > 0;
    }

    private static ImageSettings? ReadSize(JsonElement config)
    {
        var size = config.Get("size");
        var shortest = size.GetCount("shortest_edge") ?? (size.ValueKind == JsonValueKind.Number ? config.GetCount("size") : null);
        var crop = ReadSides(config, "crop_size");
        if (config.GetFlag("do_center_crop") == true && crop is { } cropSides && shortest is not null)
            return Create(cropSides, shortest);
        // Hugging Face's ConvNextImageProcessor crops a larger image only if "shortest_edge" is below 384.
        var cropShare = config.GetNumber("crop_pct") ?? (IsProcessor(config, "ConvNext") ? ConvNextCrop : null);
        if (cropShare is > 0 and <= 1 and var keptShare && shortest is { } side and < 384)
            return Create((side, side), (int)(side / keptShare));
        return ReadSides(config, "size") is { } sides ? Create(sides, shortest: null)
            : shortest is { } squareSide ? Create((squareSide, squareSide), shortest: null)
            : null;
    }

    private static (int Height, int Width)? ReadSides(JsonElement config, string name)
    {
        var sides = config.Get(name);
        if (sides.ValueKind == JsonValueKind.Number)
            return config.GetCount(name) is { } side ? (side, side) : null;
        return sides.GetCount("height") is { } height && sides.GetCount("width") is { } width ? (height, width) : null;
    }

    private static ImageSettings? Create((int Height, int Width) sides, int? shortest) =>
        Math.Max(Math.Max(sides.Height, sides.Width), shortest ?? 0) > ImageSettings.MaxSide ? null : new ImageSettings
        {
            Height = sides.Height,
            Width = sides.Width,
            Resize = shortest is null ? ImageResize.Stretch : ImageResize.Crop,
            ShortestEdge = shortest,
        };

    /// <returns>One number for all channels, or one for each; empty when the file has another value.</returns>
    private static ImmutableArray<float> ReadNumbers(JsonElement config, string name)
    {
        if (config.GetNumber(name) is { } one)
            return [(float)one];
        ImmutableArray<float> numbers = [.. config.Get(name)
            .Items().Select(number => number.ValueKind == JsonValueKind.Number ? number.GetSingle() : float.NaN)];
        return numbers.Length is 1 or 3 && numbers.All(float.IsFinite) ? numbers : [];
    }
}
