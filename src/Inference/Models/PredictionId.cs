using System.Diagnostics.CodeAnalysis;

namespace Inference.Models;

/// <summary>
/// Names one prediction that is answered later, over a queue or as a job: what has the same id is the same prediction. Only an
/// id that passed <see cref="TryParse"/> reaches a blob name.
/// </summary>
public readonly record struct PredictionId
{
    /// <summary>The rule, for messages to the caller.</summary>
    public const string Rule = "1 to 128 of A-Z a-z 0-9 . _ - and starts with a letter or digit";

    private readonly string? _value;

    private PredictionId(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("A default PredictionId names no prediction. This is a bug.");

    /// <summary>One that nobody else has.</summary>
    public static PredictionId Create() => new(Guid.CreateVersion7().ToString("N"));

    public static bool TryParse([NotNullWhen(true)] string? text, out PredictionId id)
    {
        var valid = SafeName.IsValid(text);
        id = valid ? new PredictionId(text!) : default;
        return valid;
    }

    public override string ToString() => Value;
}
