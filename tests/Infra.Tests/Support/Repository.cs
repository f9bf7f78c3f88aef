using System.Reflection;

namespace Infra.Tests.Support;

/// <summary>Finds the repository's files and the outputs of the build.</summary>
internal static class Repository
{
    public static string Bicep { get; } = Metadata("Bicep");

    /// <summary>The path of the app's executable.</summary>
    public static string Functions { get; } = Metadata("Functions");

    public static string Infra { get; } = Combine("infra");

    public static string Combine(params string[] parts) => Path.Combine([Metadata("Repository"), .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(Combine(parts));

    private static string Metadata(string key) =>
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == key).Value!;
}
