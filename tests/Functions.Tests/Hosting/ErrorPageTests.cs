using System.Reflection;
using System.Text.RegularExpressions;
using Functions.Hosting;
using Functions.Worker.Http;
using Inference;
using Inference.Diagnostics;

namespace Functions.Tests.Hosting;

public sealed partial class ErrorPageTests
{
    /// <summary>The constants in the classes of codes that are not codes of errors.</summary>
    private static readonly string[] Others = [ErrorCodes.Ok, ServerErrorCodes.HeaderName, ServerErrorCodes.TrailerName];

    /// <summary>The page must describe each code of the server, and no other code.</summary>
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
        .. Enum.GetValues<InferenceError>().Select(ErrorCodes.For),
        .. Enum.GetValues<ErrorReason>()
            .Select(reason => ErrorCodes.ForCaller(new InferenceException(InferenceError.ModelUnavailable, "") { Reason = reason })),
        ErrorCodes.ForCaller(new InferenceException(InferenceError.ModelUnavailable, "") { IsTrustFailure = true }),
    ];

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Code();
}
