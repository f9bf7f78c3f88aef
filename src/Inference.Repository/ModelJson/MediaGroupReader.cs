using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>Reads the groups of <c>model.json</c> that say how an image or a text becomes tensors.</summary>
internal sealed class MediaGroupReader(SettingsValues values)
{
    public ImageSettings ReadImage(LocatedJson group)
    {
        var defaults = new ImageSettings { Height = 1, Width = 1 };
        return new ImageSettings
        {
            Height = (int)(values.Integer(Required(group, "height"), 1, ImageSettings.MaxSide) ?? 1),
            Width = (int)(values.Integer(Required(group, "width"), 1, ImageSettings.MaxSide) ?? 1),
            Layout = values.OneOf(group.Find("layout"), ("NCHW", ImageLayout.Nchw), ("NHWC", ImageLayout.Nhwc)),
            Channels = values.OneOf(group.Find("channels"), ("RGB", ImageChannels.Rgb), ("BGR", ImageChannels.Bgr), ("GRAY", ImageChannels.Gray)),
            Resize = values.OneOf(group.Find("resize"), ("stretch", ImageResize.Stretch), ("fit", ImageResize.Fit), ("crop", ImageResize.Crop)),
            Scale = values.Number(group.Find("scale"), SettingsValues.Least, SettingsValues.Most) ?? defaults.Scale,
            Mean = PerChannel(group.Find("mean"), -SettingsValues.Most, defaults.Mean),
            Std = PerChannel(group.Find("std"), SettingsValues.Least, defaults.Std),
        };
    }

    public TextSettings ReadText(LocatedJson group)
    {
        var tokenizer = values.OneOf(Required(group, "tokenizer"), ("wordpiece", TokenizerKind.WordPiece), ("bpe", TokenizerKind.Bpe));
        return new TextSettings
        {
            Tokenizer = tokenizer,
            Vocab = FileName(group.Find("vocab")) ?? (tokenizer == TokenizerKind.Bpe ? "vocab.json" : "vocab.txt"),
            Merges = FileName(group.Find("merges")) ?? "merges.txt",
            MaxTokens = (int)(values.Integer(group.Find("maxTokens"), 1, TextSettings.MaxMaxTokens) ?? 512),
            Lowercase = values.Boolean(group.Find("lowercase")),
            Pooling = values.OneOf(group.Find("pooling"), ("mean", TextPooling.Mean), ("cls", TextPooling.Cls), ("none", TextPooling.None)),
            Normalize = values.Boolean(group.Find("normalize")),
        };
    }

    private LocatedJson? Required(LocatedJson group, string key)
    {
        if (group.Find(key) is { } value)
            return value;
        values.Refuse(group, $"\"{key}\" is missing.");
        return null;
    }

    private ImmutableArray<float> PerChannel(LocatedJson? value, float min, ImmutableArray<float> otherwise)
    {
        const string Form = "an array of one number, or of one for each channel,";
        var items = values.Items(value, Form);
        if (items.Count is not (0 or 1 or 3))
            values.Refuse(value!, $"It has {items.Count} numbers; {Form} is expected.");
        ImmutableArray<float> numbers = [.. items.Select(item => values.Number(item, min, SettingsValues.Most) ?? min)];
        return numbers.IsEmpty ? otherwise : numbers;
    }

    /// <summary>Written like a model's name, so that it never leaves the folder.</summary>
    private string? FileName(LocatedJson? value)
    {
        const string Form = "the name of a file beside the model file";
        if (values.String(value, Form) is not { } name)
            return null;
        if (SafeName.IsValid(name))
            return name;
        values.Refuse(value!, $"{Wording.Quote(name)} is given; {Form} is expected, of A-Z a-z 0-9 . _ - and starting with a letter or digit.");
        return null;
    }
}
