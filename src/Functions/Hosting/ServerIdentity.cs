using System.Reflection;

namespace Functions.Hosting;

/// <summary>The server's name and version in the Open Inference Protocol.</summary>
internal static class ServerIdentity
{
    public const string Name = "inference-functions";

    public static string Version { get; } =
        typeof(ServerIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
