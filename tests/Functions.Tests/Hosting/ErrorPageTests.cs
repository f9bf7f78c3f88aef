using System.Reflection;
using System.Text.RegularExpressions;
using Functions.Hosting;
using Functions.Worker.Http;
using Inference;
using Inference.Diagnostics;

namespace Functions.Tests.Hosting;

public sealed partial class ErrorPageTests
{
    /// <summary>What the classes of codes hold besides codes of errors.</summary>
    private static readonly string[] Others = [ErrorCodes.Ok, ServerErrorCodes.Header, ServerErrorCodes.Trailer];

    /// <summary>A new code is described on the page, and the page describes none that is gone.</summary>
    [Fact]
    public void Codes_OfTheServer_AreThoseOfThePage()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "troubleshooting.md"));

        Assert.Equal(Codes().Distinct().Order(), Code().Matches(page).Select(match => match.Groups[1].Value).Order());
    }

    private static IEnumerable<string> Codes() =>
    [
        .. ((Type[])[typeof(ErrorCodes), typeof(ServerErrorCodes), typeof(ProblemCodes)])
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (string)field.GetRawConstantValue()!)
            .Except(Others),
        .. Enum.GetValues<InferenceError>().Select(ErrorCodes.Of),
        .. Enum.GetValues<ErrorReason>()
            .Select(reason => ErrorCodes.OfCaller(new InferenceException(InferenceError.ModelUnavailable, "") { Reason = reason })),
        ErrorCodes.OfCaller(new InferenceException(InferenceError.ModelUnavailable, "") { IsOfTrust = true }),
    ];

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Code();
}
