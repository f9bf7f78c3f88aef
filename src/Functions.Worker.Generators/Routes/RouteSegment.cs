namespace Functions.Worker.Generators.Routes;

/// <summary>
/// One segment between slashes, as a pattern: lower-case text in which <see cref="Any"/> represents a route parameter. For example,
/// <c>v{id}.json</c> becomes <c>v</c>, <see cref="Any"/>, <c>.json</c>.
/// </summary>
internal sealed record RouteSegment(string Pattern, bool IsOptional, bool IsCatchAll)
{
    /// <summary>Represents a route parameter, which matches one or more characters.</summary>
    public const char Any = '\0';

    public bool Overlaps(RouteSegment other) => Overlap(Pattern, 0, other.Pattern, 0);

    private static bool Overlap(string a, int i, string b, int j)
    {
        if (i == a.Length || j == b.Length)
            return i == a.Length && j == b.Length;

        // Both segments consume one common character. A route parameter can end with this character or continue after it, so each
        // possibility is tried.
        var (anyA, anyB) = (a[i] == Any, b[j] == Any);
        if (!anyA && !anyB && a[i] != b[j])
            return false;

        return Overlap(a, i + 1, b, j + 1)
            || (anyA && Overlap(a, i, b, j + 1))
            || (anyB && Overlap(a, i + 1, b, j));
    }
}
