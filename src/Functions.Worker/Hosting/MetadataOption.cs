using Functions.Worker.Registry;

namespace Functions.Worker.Hosting;

/// <summary>
/// Implements <c>--functions-metadata &lt;file&gt;</c>, which writes functions.metadata during the publish. The app writes this file
/// itself, because only its code contains the list of functions.
/// </summary>
internal static class MetadataOption
{
    private const string Name = "--functions-metadata";

    /// <summary>
    /// Writes the file and ends the process, if the arguments request the file. Call this before any part of the app is created.
    /// </summary>
    public static void RunIfRequested(string[] args, IReadOnlyList<FunctionDescriptor> functions)
    {
        if (args is not [Name, var path])
            return;
        using (var file = File.Create(path))
            FunctionsMetadata.Write(file, functions);
        Environment.Exit(0);
    }
}
