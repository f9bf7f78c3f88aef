using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Functions.Tests.Chaos;

/// <summary>Counts the actions by their outcomes, and keeps the faults.</summary>
internal sealed class ChaosReport(int seed)
{
    private const int MaxDetails = 40;

    private readonly ConcurrentDictionary<(string By, string What, string Outcome), int> _counts = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentQueue<string> _notes = new();
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _started = TimeProvider.System.GetTimestamp();

    public bool HasFaults => !_faults.IsEmpty;

    /// <summary>Counts an expected outcome.</summary>
    /// <param name="by">The kind of client.</param>
    /// <param name="what">The model, or the action on it.</param>
    public void Count(string by, string what, string outcome) =>
        _counts.AddOrUpdate((by, what, outcome), 1, static (_, count) => count + 1);

    /// <summary>Counts a fault.</summary>
    public void Fault(string by, string what, string outcome, string detail)
    {
        Count(by, what, outcome);
        var seconds = _time.GetElapsedTime(_started).TotalSeconds;
        _faults.Enqueue(FormattableString.Invariant($"{seconds,6:F1} s  {by} {what}: {outcome}. {Short(detail)}"));
    }

    public void Note(string text) => _notes.Enqueue(text);

    public override string ToString()
    {
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"Chaos run with CHAOS_SEED={seed}");
        foreach (var by in _counts.Keys.Select(key => key.By).Distinct().Order(StringComparer.Ordinal))
        {
            var ofThis = _counts.Where(count => count.Key.By == by).ToList();
            text.AppendLine(CultureInfo.InvariantCulture, $"{by}: {ofThis.Sum(count => count.Value)}");
            foreach (var what in ofThis.GroupBy(count => count.Key.What).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                var outcomes = what.OrderBy(count => count.Key.Outcome, StringComparer.Ordinal)
                    .Select(count => $"{count.Key.Outcome} {count.Value}");
                text.AppendLine(CultureInfo.InvariantCulture, $"  {what.Key,-12} {string.Join(", ", outcomes)}");
            }
        }

        foreach (var note in _notes)
            text.AppendLine(note);
        text.AppendLine(CultureInfo.InvariantCulture, $"Faults: {_faults.Count}");
        foreach (var fault in _faults.Take(MaxDetails))
            text.AppendLine(fault);
        return text.ToString();
    }

    private static string Short(string text) => text.Length <= 400 ? text : text[..400];
}
