using System.Diagnostics.CodeAnalysis;

namespace Inference.Models;

/// <summary>
/// The identifier of one prediction whose result is delivered later, by a queue or as a job. Predictions with the same identifier count
/// as one prediction. Only an identifier that passed <see cref="TryParse"/> becomes part of a blob name.
/// </summary>
public readonly record struct PredictionId
{
    /// <summary>The rule for identifiers, for messages to the caller.</summary>
    public const string Rule = "1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit";

    private readonly string? _value;

    private PredictionId(string value) => _value = value;

    /// <summary>The text of the identifier.</summary>
    /// <exception cref="InvalidOperationException">The value is the default value, which is not an identifier.</exception>
    public string Value => _value ?? throw new InvalidOperationException("A default PredictionId names no prediction. This is a bug.");

    /// <summary>Creates a unique identifier.</summary>
    public static PredictionId Create() => new(Guid.CreateVersion7().ToString("N"));

    /// <summary>Parses an identifier. Returns false when the text does not follow the <see cref="Rule"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PredictionId id)
    {
        var isValid = SafeName.IsValid(text);
        id = isValid ? new PredictionId(text!) : default;
        return isValid;
    }

    public override string ToString() => Value;
}
