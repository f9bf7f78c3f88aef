using System.Diagnostics.CodeAnalysis;
using Inference.Diagnostics;

namespace Inference.Models;

/// <summary>
/// The name of a model: <c>[A-Za-z0-9][A-Za-z0-9._-]{0,127}</c>. Only a name that passed <see cref="TryParse"/> becomes part of a path or a
/// blob name, so no request can leave the model root.
/// </summary>
public readonly record struct ModelName
{
    /// <summary>The maximum number of characters of a name.</summary>
    public const int MaxLength = SafeName.MaxLength;

    private readonly string? _value;

    private ModelName(string value) => _value = value;

    /// <summary>The text of the name.</summary>
    /// <exception cref="InvalidOperationException">The value is the default value, which is not a name.</exception>
    public string Value => _value ?? throw new InvalidOperationException("A default ModelName names no model. This is a bug.");

    /// <summary>Parses a name. Returns false when the text is not a valid name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ModelName name)
    {
        var isValid = SafeName.IsValid(text);
        name = isValid ? new ModelName(text!) : default;
        return isValid;
    }

    /// <summary>Parses the name in a request.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelNotFound"/>: no model can have this name.</exception>
    public static ModelName Parse(string? text) =>
        TryParse(text, out var name)
            ? name
            : throw new InferenceException(
                InferenceError.ModelNotFound,
                "No model has this name: a model name is 1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit.");

    /// <summary>Parses a name, or the id of a Hugging Face repository: <c>org/name</c> stands for the model <c>org--name</c>.</summary>
    /// <inheritdoc cref="Parse"/>
    public static ModelName ParseRepository(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return Parse(slash < 0 ? text : $"{text[..slash]}--{text[(slash + 1)..]}");
    }

    public override string ToString() => Value;
}

/// <summary>One version of one model.</summary>
/// <param name="Version">The version number; positive, and the highest is the latest.</param>
public readonly record struct ModelId(ModelName Name, long Version)
{
    internal ModelTags ToTags() => ModelTags.Create(Name.Value, Version);

    public override string ToString() => $"{Name}/{Version}";
}
