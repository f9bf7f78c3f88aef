namespace Architecture.Tests;

/// <summary>Finds cycles of nodes that use each other.</summary>
internal static class Cycles
{
    /// <summary>Gets the largest sets of nodes in which each node uses every other one, directly or through others.</summary>
    public static IEnumerable<string[]> Find(ILookup<string, string> uses)
    {
        var reached = uses.ToDictionary(user => user.Key, user => Reach(user.Key, uses));
        return reached
            .Where(node => node.Value.Contains(node.Key))
            .Select(node => node.Value.Where(other => Reaches(other, node.Key)).Order().ToArray())
            .DistinctBy(cycle => cycle[0]);

        bool Reaches(string start, string end) => reached.TryGetValue(start, out var ends) && ends.Contains(end);
    }

    private static HashSet<string> Reach(string start, ILookup<string, string> uses)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>([start]);
        while (open.TryPop(out var node))
        {
            foreach (var used in uses[node].Where(reached.Add))
                open.Push(used);
        }

        return reached;
    }
}
