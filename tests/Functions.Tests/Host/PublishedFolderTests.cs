using System.IO.Compression;
using System.Text.Json;

namespace Functions.Tests.Host;

/// <summary>
/// Tests the exact files of the publish folder. A superfluous file can stop the Functions host, and a missing file can stop a trigger.
/// </summary>
public sealed class PublishedFolderTests
{
    /// <summary>The files of the native engine's folder for both Azure runtimes.</summary>
    private static readonly string[] NativeFiles =
        ["host.json", "libSkiaSharp.so", "libonnxruntime.so", "libortextensions.so", "models", "sbom.cdx.json"];

    /// <summary>The loader, the queue extension, and those of its dependencies that the host does not provide.</summary>
    private static readonly string[] HostFiles =
    [
        "Azure.Core.dll",
        "Azure.Storage.Common.dll",
        "Azure.Storage.Queues.dll",
        "Microsoft.Azure.WebJobs.Extensions.FunctionMetadataLoader.dll",
        "Microsoft.Azure.WebJobs.Extensions.Storage.Queues.dll",
        "Microsoft.Bcl.AsyncInterfaces.dll",
        "Microsoft.Extensions.Azure.dll",
        "Microsoft.Extensions.Diagnostics.Abstractions.dll",
        "Microsoft.Extensions.Diagnostics.dll",
        "Microsoft.Identity.Client.Extensions.Msal.dll",
        "Microsoft.Identity.Client.dll",
        "Microsoft.IdentityModel.Abstractions.dll",
        "System.ClientModel.dll",
        "System.IO.Hashing.dll",
        "function.deps.json",
    ];

    /// <summary>The files that only the build of Microsoft's SDK adds.</summary>
    private static readonly string[] OfficialFiles =
    [
        "Microsoft.Azure.Functions.Worker.Extensions.dll",
        "Microsoft.Azure.Functions.Worker.Extensions.pdb",
        "Microsoft.Azure.WebJobs.Host.Storage.dll",
        "Microsoft.WindowsAzure.Storage.dll",
    ];

    private static readonly string Folder = Path.GetDirectoryName(FunctionsProcess.Executable)!;

    [PublishedFact]
    public void Folder_Native_HoldsExactlyThese()
    {
        if (FunctionsProcess.IsOfficial)
            return;
        string[] kind = FunctionsProcess.IsForNativeRuntime
            ? ["app"]
            : [".azurefunctions", "Functions", "extensions.json", "functions.metadata", "worker.config.json"];

        Assert.Equal(
            kind.Concat(NativeFiles).Order(StringComparer.Ordinal),
            Directory.EnumerateFileSystemEntries(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [PublishedFact]
    public void HostFolder_Published_HoldsExactlyThese()
    {
        if (FunctionsProcess.IsForNativeRuntime)
            return;
        Assert.Equal(
            (FunctionsProcess.IsOfficial ? HostFiles.Concat(OfficialFiles) : HostFiles).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(Path.Combine(Folder, ".azurefunctions")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        if (!FunctionsProcess.IsOfficial)
            Assert.Empty(Directory.EnumerateDirectories(Path.Combine(Folder, ".azurefunctions")));
    }

    /// <summary>
    /// The runtime for native executables takes the host's extensions from the bundle that host.json names. The other settings of host.json
    /// must be unchanged.
    /// </summary>
    [PublishedFact]
    public void HostJson_NativeRuntime_NamesTheExtensionBundle()
    {
        if (!FunctionsProcess.IsForNativeRuntime)
            return;
        using var host = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "host.json")));
        using var other = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "host.json")));

        Assert.Equal(
            """{"id":"Microsoft.Azure.Functions.ExtensionBundle","version":"[4.*, 5.0.0)"}""",
            host.RootElement.GetProperty("extensionBundle").GetRawText());
        Assert.All(other.RootElement.EnumerateObject(), one =>
            Assert.Equal(one.Value.GetRawText(), host.RootElement.GetProperty(one.Name).GetRawText()));
    }

    [PublishedFact]
    public void Zip_NativeRuntime_KeepsTheExecutableBit()
    {
        if (!FunctionsProcess.IsForNativeRuntime)
            return;
        const int ownerMayExecute = 0b1_000_000;
        using var zip = ZipFile.OpenRead($"{Folder}.zip");

        Assert.NotEqual(0, zip.GetEntry("app")!.ExternalAttributes >> 16 & ownerMayExecute);
        Assert.Equal(new FileInfo(FunctionsProcess.Executable).Length, zip.GetEntry("app")!.Length);
    }

    [PublishedFact]
    public void Sbom_Published_NamesThePackagesWithVersionDigestAndLicence()
    {
        if (FunctionsProcess.IsOfficial)
            return;
        using var sbom = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "sbom.cdx.json")));
        var runtime = sbom.RootElement.GetProperty("components")
            .EnumerateArray().Single(one => one.GetProperty("name").GetString() == "Microsoft.ML.OnnxRuntime");

        Assert.StartsWith("pkg:nuget/Microsoft.ML.OnnxRuntime@", runtime.GetProperty("purl").GetString(), StringComparison.Ordinal);
        Assert.Equal("SHA-512", runtime.GetProperty("hashes")[0].GetProperty("alg").GetString());
        Assert.Equal("Functions", sbom.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("name").GetString());
    }

    /// <summary>The host loads assemblies by the versions in function.deps.json, so the files must have these versions.</summary>
    [PublishedFact]
    public void HostFolder_Published_AgreesWithItsDependencies()
    {
        if (FunctionsProcess.IsForNativeRuntime)
            return;
        using var dependencies = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, ".azurefunctions", "function.deps.json")));
        var versions = dependencies.RootElement.GetProperty("targets").EnumerateObject().Single().Value.EnumerateObject()
            .Where(library => library.Value.TryGetProperty("runtime", out _))
            .SelectMany(library => library.Value.GetProperty("runtime").EnumerateObject())
            .Where(file => file.Value.TryGetProperty("assemblyVersion", out _))
            .ToDictionary(file => Path.GetFileName(file.Name), file => file.Value.GetProperty("assemblyVersion").GetString());

        foreach (var file in HostFiles.Where(file =>
            file.EndsWith(".dll", StringComparison.Ordinal) && !file.Contains("Loader", StringComparison.Ordinal)))
        {
            var assembly = System.Reflection.AssemblyName.GetAssemblyName(Path.Combine(Folder, ".azurefunctions", file));
            Assert.Equal((file, versions[file]), (file, assembly.Version!.ToString()));
        }
    }
}
