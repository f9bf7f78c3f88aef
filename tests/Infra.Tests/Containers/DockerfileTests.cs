using System.Text.RegularExpressions;
using Infra.Tests.Support;

namespace Infra.Tests.Containers;

/// <summary>Checks that the Dockerfile fits the app and the pods. The image is not built, because that needs Docker.</summary>
public sealed partial class DockerfileTests(AppMetadata app) : IClassFixture<AppMetadata>
{
    private static readonly string Dockerfile = Repository.Read("infra", "container", "Dockerfile");
    private static readonly string Pods = Repository.Read("infra", "kubernetes", "base", "server", "deployment.yaml");

    [Fact]
    public void HealthCheck_Image_RequestsAPathOfTheAppOnThePortItListensOn()
    {
        var check = HealthCheck().Match(Dockerfile);

        Assert.Contains(check.Groups["path"].Value, app.AnonymousPaths);
        Assert.Contains($"\"--urls\", \"http://0.0.0.0:{check.Groups["port"].Value}\"", Dockerfile, StringComparison.Ordinal);
        Assert.Contains($"EXPOSE {check.Groups["port"].Value}\n", Dockerfile, StringComparison.Ordinal);
        Assert.Contains($"containerPort: {check.Groups["port"].Value}\n", Pods, StringComparison.Ordinal);
    }

    [Fact]
    public void User_Image_IsThatOfThePods()
    {
        var user = User().Match(Dockerfile).Groups[1].Value;

        Assert.Contains($"runAsUser: {user}\n", Pods, StringComparison.Ordinal);
        Assert.Contains($"--chown={user}:{user} /cache", Dockerfile, StringComparison.Ordinal);
        Assert.Contains($"/cache:uid={user},", Repository.Read("infra", "container", "compose.yaml"), StringComparison.Ordinal);
        Assert.Contains($"/cache:uid={user},", Repository.Read("compose.yaml"), StringComparison.Ordinal);
    }

    /// <summary>No line after USER runs as root, and any user may listen on the port.</summary>
    [Fact]
    public void User_HostImage_IsNotRootAndOwnsNoCode()
    {
        var final = Repository.Read("infra", "container", "functions-host.Dockerfile").Split(" AS final")[1];

        Assert.Equal(User().Match(Dockerfile).Groups[1].Value, User().Match(final).Groups[1].Value);
        Assert.DoesNotContain("USER root", final, StringComparison.Ordinal);
        Assert.DoesNotContain("--chown", final, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS=http://+:8080\n", final, StringComparison.Ordinal);
        Assert.Contains("EXPOSE 8080\n", final, StringComparison.Ordinal);
    }

    [Fact]
    public void CacheDirectory_Image_IsThatOfThePods() => Assert.Contains(
        $"ENV {Repository.Read("infra", "kubernetes", "base", "shared", "settings.env").Trim()}\n", Dockerfile, StringComparison.Ordinal);

    /// <summary>The files that the build reads must be in its context.</summary>
    [Theory]
    [InlineData("src")]
    [InlineData("models")]
    [InlineData("host.json")]
    [InlineData("global.json")]
    [InlineData("Directory.Build.props")]
    [InlineData("Directory.Packages.props")]
    public void Context_Image_HasTheFilesThatThePublishReads(string path)
    {
        Assert.True(Path.Exists(Repository.Combine(path)), path);
        Assert.Contains($"\n!{path}\n", Repository.Read(".dockerignore"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"""--health-check"", ""http://127\.0\.0\.1:(?<port>\d+)(?<path>/[^""]+)""")]
    private static partial Regex HealthCheck();

    [GeneratedRegex(@"^USER (\d+)$", RegexOptions.Multiline)]
    private static partial Regex User();
}
