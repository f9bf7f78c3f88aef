using System.Text.RegularExpressions;

namespace Inference.Onnx;

/// <summary>
/// Removes from a native library's message the places in its source: they tell a caller nothing, and an attacker the version.
/// </summary>
public static partial class NativeSource
{
    /// <summary>Returns the message without files, lines and functions of C++ code.</summary>
    public static string Remove(string message) => Place().Replace(message, "");

    /// <summary>
    /// A file with its line, and the function as the compiler writes it: <c>/src/core/graph/model.cc:181
    /// onnxruntime::Model::Model(const A&amp;, B (*)(C)) </c>. Functions without a namespace are left, because they look like the text
    /// that follows.
    /// </summary>
    [GeneratedRegex(
        """
        (?x)
        (?:in\s+|at\s+)?
        (?:\b[A-Za-z]:)? [^\s:'"(\[]* [\w.-]+ \. (?:cc|cpp|cxx|c|h|hpp|hxx|hh|cu|cuh|inl) : \d+ (?:\s*:)? \s*
        (?: (?:[\w:~<>,&*\[\]]+\s+){0,8} [\w:~<>,&*]* :: [\w:~<>,&*=+\-!\[\]]* (?:\s[\w:~<>,&*]+)*?
            \( [^()]* (?: \( [^()]* (?: \( [^()]* \) [^()]* )* \) [^()]* )* \) >?
            (?: \s*const\b | \s*noexcept\b | \s*\[with [^\]]*\] | :: [\w:~<>]* (?: \( [^()]* \) >? )? )* \s* )?
        """,
        RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
