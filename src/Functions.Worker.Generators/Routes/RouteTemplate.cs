namespace Functions.Worker.Generators.Routes;

/// <summary>A route template: its parameters, and the segments that decide which paths match. Constraints are ignored.</summary>
internal sealed class RouteTemplate(IReadOnlyList<RouteSegment> segments, IReadOnlyList<RouteParameter> parameters)
{
    private IReadOnlyList<RouteSegment> Segments { get; } = segments;

    public RouteParameter? Find(string name) =>
        parameters.FirstOrDefault(parameter => string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether some path matches both templates.</summary>
    public bool Overlaps(RouteTemplate other) => Overlap(Segments, 0, other.Segments, 0);

    private static bool Overlap(IReadOnlyList<RouteSegment> a, int i, IReadOnlyList<RouteSegment> b, int j)
    {
        if (i == a.Count)
            return CanEnd(b, j);
        if (j == b.Count)
            return CanEnd(a, i);
        if (a[i].IsCatchAll || b[j].IsCatchAll)
            return true;

        return (a[i].IsOptional && Overlap(a, i + 1, b, j))
            || (b[j].IsOptional && Overlap(a, i, b, j + 1))
            || (a[i].Overlaps(b[j]) && Overlap(a, i + 1, b, j + 1));
    }

    private static bool CanEnd(IReadOnlyList<RouteSegment> segments, int index) =>
        segments.Skip(index).All(segment => segment.IsOptional || segment.IsCatchAll);
}
