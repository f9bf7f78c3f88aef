using Inference.Testing;
using Infra.Tests.Support;

namespace Infra.Tests.Azure;

/// <summary>Runs the Bicep CLI of the NuGet package.</summary>
internal static class BicepCli
{
    public static Task<ToolResult> RunAsync(string folder, string[] arguments, params (string Name, string Value)[] environment) =>
        ToolResult.RunAsync(Repository.Bicep, arguments, folder, [("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1"), .. environment]);

    /// <summary>
    /// Copies the Bicep files and the files that they load, for commands that write beside them. The caller disposes the folder.
    /// </summary>
    public static TempFolder CopyOfFiles()
    {
        var folder = new TempFolder();
        Directory.CreateDirectory(folder.Combine("modules"));
        foreach (var file in Directory.EnumerateFiles(Repository.Infra)
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Infra, "modules"))))
        {
            File.Copy(file, folder.Combine(Path.GetRelativePath(Repository.Infra, file)));
        }

        return folder;
    }
}
