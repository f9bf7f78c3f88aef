using System.Text.RegularExpressions;
using Inference;
using Inference.Catalog;
using Inference.Onnx.Native;
using Microsoft.AspNetCore.Http;

namespace Functions.Hosting;

/// <summary>
/// Removes locations from the error texts that callers get: folders, storage accounts, servers and source lines. The log, <c>/status</c>
/// and the repository index show the texts with their locations. Every error text for a caller passes through this class. A text with
/// removed locations has at most <see cref="NativeMessage.MaxLength"/> characters; the rest is cut off.
/// </summary>
internal static partial class CallerText
{
    private const string HiddenPath = "[path]", HiddenAddress = "[address]";

    /// <summary>
    /// The folders at the root of common operating systems. A path that begins with another folder is hidden only if
    /// <see cref="Folders.Roots"/> contains the folder. Any other path may be a route or the name of a graph's node, such as
    /// <c>/encoder/MatMul</c>.
    /// </summary>
    private static readonly HashSet<string> SystemFolders = new(StringComparer.Ordinal)
    {
        "app", "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "nix", "opt", "private", "proc", "root", "run", "sbin",
        "snap", "srv", "sys", "tmp", "usr", "var", "Users", "Volumes", "Applications", "Library",
    };

    private static Folders _folders = new("", "");

    /// <summary>
    /// Sets the models folder and the cache directory. Texts then name a model's file by its path below the models folder, and a cached
    /// file by its name.
    /// </summary>
    public static void SetFolders(string modelsSource, string cacheDirectory) => _folders = new Folders(
        modelsSource.Contains(':', StringComparison.Ordinal) ? "" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(modelsSource)),
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(cacheDirectory)));

    /// <summary>
    /// Returns the text of an error for a caller. Errors about the request alone, or about a busy server, contain no location and stay
    /// unchanged.
    /// </summary>
    public static string Redact(Exception exception) =>
        exception is InferenceException { Error: InferenceError.InvalidRequest or InferenceError.ModelNotFound }
            or InferenceException { Error: InferenceError.Overloaded or InferenceError.DeadlineExceeded, InnerException: null }
            or BadHttpRequestException { StatusCode: < StatusCodes.Status500InternalServerError }
            ? exception.Message
            : Redact(exception.Message);

    /// <summary>Removes locations from the reasons in the states of versions.</summary>
    public static ModelStatuses Redact(ModelStatuses statuses) => statuses.ReplaceReasons(Redact);

    /// <summary>Removes locations, addresses and secrets from a text.</summary>
    public static string Redact(string text)
    {
        var folders = _folders;
        text = NativeMessage.RemoveSourceLocations(text);
        text = StackFrame().Replace(text, "");
        text = ReplaceFolder(text, folders.Models, static rest => rest.Length > 0 ? rest : "the model folder");
        text = ReplaceFolder(text, folders.Cache, static rest => rest.Length > 0 ? Path.GetFileName(rest) : "the cache directory");
        text = Secret().Replace(text, static match => $"{match.Groups["name"].Value}[hidden]");
        text = Address().Replace(text, static match => HiddenAddress + PunctuationOf(match.Value));
        text = HostAndPort().Replace(text, "");
        text = AccountHost().Replace(text, HiddenAddress);
        text = RequestId().Replace(text, "");
        text = QuotedPath()
            .Replace(text, static match => IsSystemPath(match) ? match.Value[..1] + HiddenPath + match.Value[^1..] : match.Value);
        text = PlainPath().Replace(text, static match => IsSystemPath(match) ? HiddenPath + PunctuationOf(match.Value) : match.Value);
        return WindowsPath().Replace(text, HiddenPath).Trim();
    }

    private static bool IsSystemPath(Match path) =>
        path.Groups["first"].Value is var folder && (SystemFolders.Contains(folder) || _folders.Roots.Contains(folder));

    /// <summary>
    /// Returns the punctuation character at the end of a matched address or path; empty if there is none. The character belongs to the
    /// sentence around the match.
    /// </summary>
    private static string PunctuationOf(string text) => text[^1] is '.' or ',' or ':' or ';' ? text[^1..] : "";

    /// <summary>
    /// Replaces every path that begins with the folder. The callback gets the rest of the path and returns the replacement.
    /// </summary>
    private static string ReplaceFolder(string text, string folder, Func<string, string> replace)
    {
        if (folder.Length <= 1)
            return text;
        for (var at = text.IndexOf(folder, StringComparison.Ordinal); at >= 0; at = text.IndexOf(folder, at, StringComparison.Ordinal))
        {
            var end = at + folder.Length;
            if (end < text.Length && text[end] != Path.DirectorySeparatorChar && IsNameCharacter(text[end]))
            {
                at = end;
                continue;
            }

            var pathEnd = end;
            while (pathEnd < text.Length && IsPathCharacter(text[pathEnd]))
                pathEnd++;
            var rest = text[end..pathEnd].TrimEnd('.', ',', ':', ';');
            var replacement = replace(rest.TrimStart(Path.DirectorySeparatorChar));
            text = $"{text[..at]}{replacement}{text[(end + rest.Length)..]}";
            at += replacement.Length;
        }

        return text;
    }

    private static bool IsNameCharacter(char character) => char.IsLetterOrDigit(character) || character is '_' or '-' or '.';

    private static bool IsPathCharacter(char character) =>
        !char.IsWhiteSpace(character) && character is not ('\'' or '"' or '<' or '>' or '|' or ')' or ']');

    [GeneratedRegex("""(?m)^[ \t]+at [\w.<>`+,\[\]]+\(.*$\n?""", RegexOptions.CultureInvariant)]
    private static partial Regex StackFrame();

    [GeneratedRegex(
        """(?<name>\b(?:AccountKey|AccountName|SharedAccessSignature|SharedAccessKey|sig|Password|InstrumentationKey)=)[^;\s&'"]+""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    /// <summary>Matches an address, except an example after "such as".</summary>
    [GeneratedRegex(
        """(?<!such as "?)\b[a-z][a-z0-9+.-]*://(?!<[a-z]+>)[^\s'"<>()\[\]]*(?:\[[0-9a-f:.]+\][^\s'"<>()\[\]]*)?""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    /// <summary>Matches a storage host. A placeholder such as <c>&lt;account&gt;.blob.core.windows.net</c> is not matched.</summary>
    [GeneratedRegex(
        """\b(?!(?<=<[a-z]+>\.)(?:blob|queue|table|file|dfs)\.core\.)[\w-]+(?:\.[\w-]+)*\.core"""
        + """\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net|cloudapi\.de)(?::\d+)?""",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex AccountHost();

    /// <summary>Matches the host and port that .NET appends to the reason of a failed connection.</summary>
    [GeneratedRegex("""\s*\((?:[\w.-]+|\[[0-9a-fA-F:.%]+\]):\d{1,5}\)""", RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPort();

    [GeneratedRegex("""\b(?:x-ms-)?(?:client-)?request-?id\s*[:=]\s*\S+""", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex RequestId();

    [GeneratedRegex("""(?<quote>['"])/(?<first>[^/'"]+)/[^'"]*\k<quote>""", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedPath();

    [GeneratedRegex("""(?<![\w./:-])/(?<first>[^\s/'"<>|:;,()\[\]]+)(?:/[^\s'"<>|;,()\[\]]*)+""", RegexOptions.CultureInvariant)]
    private static partial Regex PlainPath();

    [GeneratedRegex("""(?<!\w)(?:[A-Za-z]:|\\\\[\w.-]+)[\\/][^\s'"<>|;,()]*""", RegexOptions.CultureInvariant)]
    private static partial Regex WindowsPath();

    /// <summary>The folders of this server. The text of a folder that is not set, or is not on this machine, is empty.</summary>
    private sealed record Folders(string Models, string Cache)
    {
        /// <summary>The folders at the system's root that contain the folders of this server.</summary>
        public HashSet<string> Roots { get; } =
            [.. new[] { Models, Cache, AppContext.BaseDirectory, Path.GetTempPath() }.Where(folder => folder.Length > 1).Select(RootOf)];

        private static string RootOf(string folder) => folder.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
    }
}
