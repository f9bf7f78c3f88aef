using System.Text.RegularExpressions;
using Inference.Models;
using Inference.Onnx.Native;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>
/// Creates advice for a model that ONNX Runtime cannot load, from the message of ONNX Runtime and the content of the file.
/// </summary>
internal static partial class LoadFailureAdvice
{
    /// <summary>
    /// The name of ONNX Runtime with its major and minor version. These versions determine which models can be loaded.
    /// </summary>
    private static string RuntimeName => $"ONNX Runtime {string.Join('.', OrtEnv.Instance().GetVersionString().Split('.').Take(2))}";

    /// <summary>Returns advice for the model's owner, as one or more sentences.</summary>
    /// <param name="reason">The message of ONNX Runtime.</param>
    public static string Advise(string reason, ModelFiles files)
    {
        if (NativeLibraryFailure.IsOutOfMemory(reason))
            return $"There is not enough memory for the model.{NativeLibraryFailure.GetMemoryAdvice()}";
        if (MissingLocale().Match(reason) is { Success: true } locale)
            return AdviseLocale(locale.Groups[1].Value);
        if (UnknownOperator().Match(reason) is { Success: true } unknown)
            return AdviseOperator(unknown.Groups[1].Value, unknown.Groups[2].Value);
        if (ExternalWeights.Advise(reason, files) is { } weights)
            return weights;
        if (AdviseVersion(reason) is { } version)
            return version;
        if (reason.Contains("Unregistered TensorElementType", StringComparison.Ordinal))
        {
            return "An input or output has elements of a type that no serving protocol supports, such as FP8: insert a Cast to a common "
                + "type.";
        }

        if (reason.Contains("Could not find an implementation for", StringComparison.Ordinal))
        {
            return $"{RuntimeName} cannot run this operator on a CPU with these types. "
                + "Convert the model to FP32, or export it without the operator.";
        }

        return reason.Contains("protobuf", StringComparison.OrdinalIgnoreCase)
            ? ModelFileKind.Advise(files.ModelPath)
            : $"Check the model with onnx.checker and with {RuntimeName}, and export it again.";
    }

    private static string? AdviseVersion(string reason)
    {
        if (OperatorNotInOpset().Match(reason) is { Success: true } missing)
        {
            return $"There is no operator \"{Quote.Shorten(missing.Groups[1].Value)}\" in opset {missing.Groups[2].Value} of its domain, "
                + "which the model declares: export the model with an opset that has the operator, or correct its name.";
        }

        if (UnsupportedOpset().Match(reason) is { Success: true } opset)
        {
            return $"The model has opset {opset.Groups[1].Value}, but this server supports at most {opset.Groups[2].Value}: "
                + $"export it with opset {opset.Groups[2].Value} or lower (opset_version), or use a newer server.";
        }

        return UnsupportedIrVersion().Match(reason) is { Success: true } format
            ? $"The file has IR version {format.Groups[1].Value}, but this server supports at most {format.Groups[2].Value}: "
                + $"save it with ir_version {format.Groups[2].Value} or lower, or use a newer server."
            : null;
    }

    private static string AdviseLocale(string locale) =>
        $"An operator such as StringNormalizer needs the locale \"{Quote.Shorten(locale)}\", which this system does not have. Install it "
        + $"(Debian: apt-get install locales, then localedef -i {Quote.Shorten(locale.Split('.')[0])} -f UTF-8 {Quote.Shorten(locale)}; "
        + "in a container as RUN lines of its Dockerfile) and start the server again, "
        + "or set the attribute locale of the node to \"C.UTF-8\", which every glibc system has.";

    private static string AdviseOperator(string domain, string name)
    {
        var operatorText = $"operator \"{Quote.Shorten(name)}\"";
        if (ExtensionOperators.IsExtensionDomain(domain))
            return $"This version of ONNX Runtime Extensions has no {operatorText}: export the model without the operator.";
        return domain is "com.microsoft" or "com.microsoft.nchwc" or "com.ms.internal.nhwc"
            ? $"{RuntimeName} cannot run the {operatorText} on a CPU: export the model without the operator."
            : $"The {operatorText} is in the domain \"{Quote.Shorten(domain)}\", which this server does not support. The only operator "
                + "library is ONNX Runtime Extensions (ai.onnx.contrib, com.microsoft.extensions): export the model without the operator, "
                + "or define the operator as a function of the model.";
    }

    [GeneratedRegex(@"locale with name:\s*([^\s:]+)", RegexOptions.CultureInvariant)]
    private static partial Regex MissingLocale();

    [GeneratedRegex(@"([\w.\-]+):([\w.\-]+)\(-?\d+\) is not a registered function/op", RegexOptions.CultureInvariant)]
    private static partial Regex UnknownOperator();

    [GeneratedRegex(@"No Op registered for (\S+) with domain_version of (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex OperatorNotInOpset();

    [GeneratedRegex(@"Opset (\d+) is under development.*till opset (\d+)", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex UnsupportedOpset();

    [GeneratedRegex(@"Unsupported model IR version: (\d+), max supported IR version: (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex UnsupportedIrVersion();
}
