using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Native;

/// <summary>
/// Removes source locations from the message of a native library. Source locations do not help a caller, and reveal the version of the
/// library to an attacker.
/// </summary>
public static partial class NativeMessage
{
    /// <summary>
    /// The maximum number of characters that are read from a message. The search time grows faster than the length. Without a limit, a
    /// caller's long text in the message would make the search slow.
    /// </summary>
    public const int MaxLength = 4000;

    /// <summary>Returns the message without files, lines and functions of C++ code. A long message is cut off.</summary>
    public static string RemoveSourceLocations(string message) =>
        SourceLocation().Replace(message.Length <= MaxLength ? message : Quote.Start(message, MaxLength).ToString(), "");

    /// <summary>Returns ONNX Runtime's message without the prefix that ends with "Status Message".</summary>
    internal static string GetReason(OnnxRuntimeException exception) => Split(exception.Message).Reason;

    /// <summary>
    /// Returns the reason of a failed run without source locations. If ONNX Runtime gave no other reason, returns the prefix of the
    /// message, which names the node.
    /// </summary>
    /// <param name="message">ONNX Runtime's message.</param>
    internal static string GetRunReason(string message)
    {
        var (prefix, reason) = Split(message);
        reason = RemoveSourceLocations(reason).Trim();
        return reason.Length > 0 ? reason : prefix.Length > 0 ? prefix : "ONNX Runtime gave no reason";
    }

    private static (string Prefix, string Reason) Split(string message)
    {
        const string Start = "Status Message:";
        var start = message.IndexOf(Start, StringComparison.Ordinal);
        if (start < 0)
            return ("", message.Trim());
        // The prefix begins with the name of a code, such as "[ErrorCode:Fail]".
        var prefixStart = message.StartsWith('[') ? message.IndexOf(']', 0, start) + 1 : 0;
        return (message[prefixStart..start].Trim(), message[(start + Start.Length)..].Trim());
    }

    /// <summary>
    /// Matches a file with its line, and the function as the compiler writes it: <c>/src/core/graph/model.cc:181
    /// onnxruntime::Model::Model(const A&amp;, B (*)(C)) </c>. Functions without a namespace are kept, because they cannot be distinguished
    /// from the text that follows. The condition of a failed check, such as <c>rank == 3 was false. </c>, is also matched if another
    /// sentence follows.
    /// </summary>
    [GeneratedRegex(
        """
        (?x)
        (?:in\s+|at\s+)?
        (?<![^\s:'"(\[]) (?:[A-Za-z]:)? (?>[^\s:'"(\[]+) (?<=[\w.-]\.(?:cc|cpp|cxx|c|h|hpp|hxx|hh|cu|cuh|inl)) : \d+ (?:\s*:)? \s*
        (?: (?:[\w:~<>,&*\[\]]+\s+){0,8} [\w:~<>,&*]* :: [\w:~<>,&*=+\-!\[\]]* (?:\s[\w:~<>,&*]+)*?
            \( [^()]* (?: \( [^()]* (?: \( [^()]* \) [^()]* )* \) [^()]* )* \) >?
            (?: \s*const\b | \s*noexcept\b | \s*\[with [^\]]*\] | :: [\w:~<>]* (?: \( [^()]* \) >? )? )* \s* )?
        (?: (?> (?: (?!\ was\ false\.) [^\r\n] ){1,400} ) \ was\ false\. \s+ (?=\S) )?
        """,
        RegexOptions.CultureInvariant)]
    private static partial Regex SourceLocation();
}
