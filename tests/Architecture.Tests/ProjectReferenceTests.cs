namespace Architecture.Tests;

public sealed class ProjectReferenceTests
{
    [Theory]
    [MemberData(nameof(SourceProject.Names), MemberType = typeof(SourceProject))]
    public void References_OfAProject_AreAllowed(string project)
    {
        Assert.True(
            Rules.References.ContainsKey(project),
            $"Rules.References in {Rules.File} does not name src/{project}. Add the projects that it may reference.");
        var allowed = Allowed(project);

        Violations.AssertNone(
            $"src/{project} may reference the projects that Rules.References names for it, and those that these may reference. "
            + $"Move the code to a project that may reference both, or pass it what it needs. The table is in {Rules.File}.",
            new SourceProject(project).References.Except(allowed).Select(reference => $"{project} references {reference}."));
    }

    private static IEnumerable<string> Allowed(string project) =>
        Rules.References[project].SelectMany(reference => Allowed(reference).Prepend(reference));
}
