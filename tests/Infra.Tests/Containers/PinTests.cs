using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using Inference.Testing;
using Infra.Tests.Support;

namespace Infra.Tests.Containers;

/// <summary>Runs the script that pins images, with a fake docker that returns made-up digests.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class PinTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public PinTests()
    {
        foreach (var file in Files())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.Combine(file))!);
            File.Copy(Repository.Combine(file), _folder.Combine(file));
        }
    }

    [Fact]
    public async Task Pin_EveryImage_GetsTheDigestOfItsTag()
    {
        var before = References();

        var first = await RunAsync("echo sha256:$(printf %s \"${@: -1}\" | sha256sum | cut -c1-64)");
        var pinned = References();
        var again = await RunAsync("echo sha256:$(printf b%s \"${@: -1}\" | sha256sum | cut -c1-64)");

        Assert.True(first.ExitCode == 0, first.Errors);
        Assert.True(again.ExitCode == 0, again.Errors);
        Assert.NotEmpty(before);
        Assert.Equal(before.Select(Tag), pinned.Select(Tag));
        Assert.All(pinned.Concat(References()), image => Assert.Matches("^[^@]+:[^@]+@sha256:[0-9a-f]{64}$", image));
        Assert.All(pinned.Zip(References()), pair => Assert.NotEqual(pair.First, pair.Second));
        // An image that several stages use has one digest.
        Assert.Equal(pinned.Select(Tag).Distinct().Count(), pinned.Distinct().Count());
    }

    [Theory]
    [InlineData("echo not-a-digest", "is no digest")]
    [InlineData("exit 1", "cannot be looked up")]
    public async Task Pin_NoDigest_ChangesNothing(string docker, string message)
    {
        var before = References();

        var run = await RunAsync(docker);

        Assert.Equal(1, run.ExitCode);
        AssertText.Contains(message, run.Errors);
        Assert.Equal(before, References());
    }

    /// <summary>A tag without a version may be another image every day.</summary>
    [Fact]
    public void Images_OfTheRepository_NameAVersion() =>
        Assert.All(References(), image => Assert.Matches(@"^[^:]+:[^@]*\d[^@]*(@sha256:[0-9a-f]{64})?$", image));

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Files() => Directory.EnumerateFiles(Repository.Infra, "*", SearchOption.AllDirectories)
        .Where(path => path.EndsWith("Dockerfile", StringComparison.Ordinal) || Path.GetFileName(path) is "compose.yaml" or "pin.sh")
        .Select(path => Path.GetRelativePath(Repository.Combine(), path));

    private static string Tag(string image) => image.Split('@')[0];

    /// <summary>Finds all images that any file pulls. The pattern is independent of the script's pattern.</summary>
    private List<string> References() =>
        [.. Files()
            .Order(StringComparer.Ordinal)
            .SelectMany(file => Image().Matches(File.ReadAllText(_folder.Combine(file)))).Select(match => match.Groups[1].Value)];

    private Task<ToolResult> RunAsync(string docker)
    {
        File.WriteAllText(_folder.Combine("docker"), $"#!/usr/bin/env bash\n{docker}\n");
        File.SetUnixFileMode(_folder.Combine("docker"), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        return ToolResult.RunAsync(
            "bash", [_folder.Combine("infra", "container", "pin.sh")], null,
            ("PATH", $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}"));
    }

    [GeneratedRegex(@"(?m)^\s*(?:FROM|image:)\s+(\S*/\S+)")]
    private static partial Regex Image();
}
