using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>
/// A job's position in the list of jobs. The most recently changed job is first. Jobs of the same second are in descending order of their
/// ids.
/// </summary>
/// <param name="Modified">The last change of the job's record, in whole seconds.</param>
public readonly record struct JobPosition(DateTimeOffset Modified, PredictionId Id)
{
    private const char Separator = '-';

    /// <summary>The order of the list.</summary>
    public static IComparer<JobPosition> Order { get; } = Comparer<JobPosition>.Create(static (x, y) =>
        y.Modified.CompareTo(x.Modified) is var byTime and not 0 ? byTime : string.CompareOrdinal(y.Id.Value, x.Id.Value));

    /// <summary>Parses the text that <see cref="ToString"/> returns.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out JobPosition position)
    {
        position = default;
        if (text?.Split(Separator, 2) is not [var secondsText, var idText]
            || !long.TryParse(secondsText, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            || !PredictionId.TryParse(idText, out var id))
        {
            return false;
        }

        position = new JobPosition(DateTimeOffset.FromUnixTimeSeconds(seconds), id);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Modified.ToUnixTimeSeconds()}{Separator}{Id}");
}
