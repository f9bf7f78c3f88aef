using Functions.Worker.Registry;

namespace Functions.Worker.Hosting;

/// <summary>
/// <c>--functions-metadata &lt;file&gt;</c>: how the publish gets the file functions.metadata, which only the app's code knows.
/// </summary>
internal static class MetadataVerb
{
    private const string Verb = "--functions-metadata";

    /// <summary>Ends the process when it is what was asked for, before anything of the app is made.</summary>
    public static void RunIfRequested(string[] args, IReadOnlyList<FunctionDescriptor> functions)
    {
        if (args is not [Verb, var path])
            return;
        using (var file = File.Create(path))
            FunctionsMetadata.Write(file, functions);
        Environment.Exit(0);
    }
}
