namespace Functions.Worker.Host;

/// <summary>
/// The arguments from the Functions host that this worker uses, as unparsed text. The host passes further arguments, which the worker
/// ignores.
/// </summary>
internal sealed record HostArguments(string Uri, string WorkerId, string RequestId)
{
    private const string UriOption = "--functions-uri";
    private const string WorkerIdOption = "--functions-worker-id";

    /// <summary>Finds the host's arguments in the command line; returns null when no Functions host started this process.</summary>
    public static HostArguments? Find(string[] args) => FindValue(args, UriOption) is { } uri
        ? new(uri, FindValue(args, WorkerIdOption) ?? "", FindValue(args, "--functions-request-id") ?? "")
        : null;

    /// <summary>Describes what is wrong with the arguments; returns null when the arguments are valid.</summary>
    public string? FindProblem()
    {
        if (!System.Uri.TryCreate(Uri, UriKind.Absolute, out var uri) || uri.Scheme != System.Uri.UriSchemeHttp)
            return $"'{Uri}' in {UriOption} is not the http:// address of a Functions host.";
        return WorkerId.Length == 0 ? $"{UriOption} needs {WorkerIdOption}, too." : null;
    }

    private static string? FindValue(string[] args, string option)
    {
        var index = Array.FindIndex(args, argument => argument == option || argument.StartsWith(option + "=", StringComparison.Ordinal));
        if (index < 0)
            return null;
        return args[index].Length > option.Length ? args[index][(option.Length + 1)..] : args.ElementAtOrDefault(index + 1) ?? "";
    }
}
