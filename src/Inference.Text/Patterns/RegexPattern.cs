using System.Buffers;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Inference.Text.Unicode;

namespace Inference.Text.Patterns;

/// <summary>
/// A regular expression in Oniguruma syntax, which Hugging Face's library uses. The expression is translated and runs on .NET's
/// backtracking engine, because <see cref="RegexOptions.NonBacktracking"/> misses matches: on " .c n", the expression " ?[a-z]+" does not
/// find "c" (https://github.com/dotnet/runtime/pull/130176). Oniguruma backtracks too. <see cref="Timeout"/> limits the time.
/// </summary>
internal sealed class RegexPattern : TextPattern
{
    /// <summary>The time limit per text. A benign expression needs a few milliseconds for a megabyte.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The number of matches between two checks of the time.</summary>
    private const int MatchesPerCheck = 32;

    private readonly Regex _regex;

    /// <exception cref="FormatException">The expression is malformed or contains an unsupported element.</exception>
    public RegexPattern(string expression)
    {
        var translation = new OnigurumaTranslator(expression).Translate();
        try
        {
            _regex = new Regex(translation, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"The regular expression is not supported: {e.Message}", e);
        }
    }

    /// <summary>Creates the pattern of a tokenizer, with a hand-written scanner where there is one.</summary>
    /// <exception cref="FormatException">The expression is malformed or contains an unsupported element.</exception>
    public static TextPattern Create(string expression) => GptPattern.TryCreate(expression) ?? (TextPattern)new RegexPattern(expression);

    public override void Find(ReadOnlySpan<char> text, List<Match> matches)
    {
        // Hugging Face's library does not search an empty text, which some expressions would match.
        if (text.IsEmpty)
            return;
        try
        {
            if (SupplementaryCharacters.ArePresent(text))
                FindRepresented(text, matches);
            else
                Find(text, matches, positions: null);
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new TimeoutException("The tokenizer's regular expression takes too long for the text.", e);
        }
    }

    private void FindRepresented(ReadOnlySpan<char> text, List<Match> matches)
    {
        var represented = ArrayPool<char>.Shared.Rent(text.Length);
        var positions = ArrayPool<int>.Shared.Rent(text.Length + 1);
        try
        {
            var count = 0;
            for (var index = 0; index < text.Length;)
            {
                var code = CharacterClass.CodePointAt(text, index, out var size);
                positions[count] = index;
                represented[count++] = SupplementaryCharacters.GetUnit(code);
                index += size;
            }

            positions[count] = text.Length;
            Find(represented.AsSpan(0, count), matches, positions);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(represented);
            ArrayPool<int>.Shared.Return(positions);
        }
    }

    private void Find(ReadOnlySpan<char> text, List<Match> matches, int[]? positions)
    {
        var (lastEnd, count, started) = (-1, 0, Stopwatch.GetTimestamp());
        foreach (var match in _regex.EnumerateMatches(text))
        {
            // .NET limits the time of each match alone, and a text can have many slow matches.
            if (++count % MatchesPerCheck == 0 && Stopwatch.GetElapsedTime(started) > Timeout)
                throw new RegexMatchTimeoutException();
            // Unlike .NET, Oniguruma's search has no empty match at the end of the previous match.
            if (match.Length == 0 && match.Index == lastEnd)
                continue;
            var end = lastEnd = match.Index + match.Length;
            matches.Add(positions is null ? new Match(match.Index, end) : new Match(positions[match.Index], positions[end]));
        }
    }
}
