using System.Collections.Immutable;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Repository.HuggingFace;

/// <summary>Reads the image settings of a Hugging Face folder from its <c>preprocessor_config.json</c>.</summary>
internal static class ImageFacts
{
    private const string File = "preprocessor_config.json";
    private const string ImageKey = "image";

    /// <summary>Pillow's numbers of its filters.</summary>
    private const int Bilinear = 2;
    private const int Bicubic = 3;

    /// <returns>Null when the file does not tell the size of the images.</returns>
    public static ImageSettings? Read(FolderJson files)
    {
        var config = files.Read(File, ImageKey);
        if (config.ValueKind != JsonValueKind.Object)
        {
            files.Add(ImageKey, File, "",
                "The file is missing or cannot be used, so the size of images is unknown. Write \"image\" in model.json.");
            return null;
        }

        if (ReadSize(config) is not { } sized)
        {
            files.Add(ImageKey, File, "$.size", "The size of images is unknown. Write \"image\" in model.json.");
            return null;
        }

        if (config.GetNumber("resample") is { } filter && filter is not (Bilinear or Bicubic))
        {
            files.Add("image.resample", File, "$.resample",
                $"Filter {filter} is not known; known are {Bilinear} (bilinear) and {Bicubic} (bicubic).");
        }

        var isNormalized = config.GetFlag("do_normalize") ?? true;
        return sized with
        {
            Resample = config.GetNumber("resample") == Bicubic ? ImageResample.Bicubic : ImageResample.Bilinear,
            Scale = config.GetFlag("do_rescale") == false ? 1 : (float)(config.GetNumber("rescale_factor") ?? 1d / byte.MaxValue),
            Mean = isNormalized ? ReadNumbers(config, "image_mean", otherwise: 0) : [0],
            Std = isNormalized ? ReadNumbers(config, "image_std", otherwise: 1) : [1],
        };
    }

    private static ImageSettings? ReadSize(JsonElement config)
    {
        var size = config.Get("size");
        var shortest = size.GetCount("shortest_edge") ?? (size.ValueKind == JsonValueKind.Number ? config.GetCount("size") : null);
        var crop = ReadSides(config, "crop_size");
        if (config.GetFlag("do_center_crop") == true && crop is { } cut && shortest is not null)
            return Create(cut, shortest);
        // ConvNeXt resizes to a larger image, of which it takes the middle.
        if (config.GetNumber("crop_pct") is > 0 and <= 1 and var part && shortest is { } side and < 384)
            return Create((side, side), (int)(side / part));
        return ReadSides(config, "size") is { } sides ? Create(sides, shortest: null)
            : shortest is { } both ? Create((both, both), shortest: null)
            : null;
    }

    private static (int Height, int Width)? ReadSides(JsonElement config, string name)
    {
        var sides = config.Get(name);
        if (sides.ValueKind == JsonValueKind.Number)
            return config.GetCount(name) is { } both ? (both, both) : null;
        return sides.GetCount("height") is { } height && sides.GetCount("width") is { } width ? (height, width) : null;
    }

    private static ImageSettings? Create((int Height, int Width) sides, int? shortest) =>
        sides.Height > ImageSettings.MaxSide || sides.Width > ImageSettings.MaxSide ? null : new ImageSettings
        {
            Height = sides.Height,
            Width = sides.Width,
            Resize = shortest is null ? ImageResize.Stretch : ImageResize.Crop,
            ShortestEdge = shortest,
        };

    private static ImmutableArray<float> ReadNumbers(JsonElement config, string name, float otherwise)
    {
        ImmutableArray<float> numbers = [.. config.Get(name)
            .Items().Where(number => number.ValueKind == JsonValueKind.Number).Select(number => number.GetSingle())];
        return numbers.Length is 1 or 3 ? numbers : [otherwise];
    }
}
