using Functions.Worker.Registry;

namespace Functions.Worker.Hosting;

/// <c>--functions-metadata &lt;file&gt;</c>: writes the file functions.metadata during the publish, because only the app's code knows its
/// functions.
internal static class MetadataVerb
{
    private const string Verb = "--functions-metadata";

    /// <summary>
    /// Writes the file and ends the process when the arguments request it. It runs before any part of the app is created.
    /// </summary>
    public static void RunIfRequested(string[] args, IReadOnlyList<FunctionDescriptor> functions)
    {
        if (args is not [Verb, var path])
            return;
        using (var file = File.Create(path))
            FunctionsMetadata.Write(file, functions);
        Environment.Exit(0);
    }
}
