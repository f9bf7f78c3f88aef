namespace Architecture.Tests;

public sealed class CycleTests
{
    [Theory]
    [MemberData(nameof(SourceProject.Names), MemberType = typeof(SourceProject))]
    public void Cycles_OfSourceFiles_AreSmall(string project)
    {
        using var types = new ProjectTypes(new(project));
        var uses = types.FindFileUses();

        Violations.AssertNone(
            $"At most {Rules.MaxFilesInCycle} files of src/{project} may use each other in a cycle. "
            + "Move what two of them share to a file that uses neither.",
            from cycle in Cycles.Find(uses)
            where cycle.Length > Rules.MaxFilesInCycle
            from file in cycle
            select $"{file}, in a cycle of {cycle.Length} files, uses {string.Join(", ", uses[file].Intersect(cycle).Order())}.");
    }

    [Fact]
    public void Find_TwoRingsJoinedInOneDirection_AreTwoCycles()
    {
        var uses = Uses("a>b b>c c>a c>d d>e e>d e>end");

        Assert.Equal([["a", "b", "c"], ["d", "e"]], Cycles.Find(uses));
    }

    [Fact]
    public void Find_RingsThatShareANode_AreOneCycle() => Assert.Equal([["a", "b", "c"]], Cycles.Find(Uses("a>b b>a b>c c>b")));

    [Fact]
    public void Find_Chain_HasNoCycle() => Assert.Empty(Cycles.Find(Uses("a>b b>c a>c")));

    private static ILookup<string, string> Uses(string arrows) =>
        arrows.Split(' ').Select(arrow => arrow.Split('>')).ToLookup(ends => ends[0], ends => ends[1]);
}
