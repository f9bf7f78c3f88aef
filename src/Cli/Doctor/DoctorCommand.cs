using System.CommandLine;
using System.Text.Json;
using Cli.Models.Stores;
using Cli.Output;

namespace Cli.Doctor;

/// <summary><c>doctor</c>: checks a server and its store, and says what to fix.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command =
            new Command("doctor", "Check a server, its models and its store, and say what to fix") { StoreOptions.OptionalStore };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var server = GlobalOptions.Connect(parsed);
        var findings = new List<DoctorFinding>();
        var checks = new ServerChecks(server, findings);
        if (await checks.ReachAsync(cancellationToken))
            await checks.RunAsync(cancellationToken);
        if (parsed.GetValue(StoreOptions.OptionalStore) is { } store)
            await new StoreChecks(findings).RunAsync(store, checks.Served, isTried: _ => true, cancellationToken);
        else if (checks.LocalStore is { } own)
            await new StoreChecks(findings).RunAsync(own, checks.Served, checks.Available.Contains, cancellationToken);
        else if (checks.Available.Count > 0)
            findings.Add(NotTried(checks.Available.Count));
        if (parsed.GetValue(GlobalOptions.Json))
            JsonConsole.Write(writer => WriteJson(writer, findings));
        else
            WriteText(findings);
        return findings.Exists(finding => finding.Severity == FindingSeverity.Error) ? ExitCode.Refused : ExitCode.Done;
    }

    private static DoctorFinding NotTried(int versions) => new("trial", FindingSeverity.Warning,
        $"{versions} of the versions are not loaded before their first request, so it is not known whether they load.",
        "Have them tried here with --store, the folder or container that the server has as Models__Source.");

    private static void WriteText(List<DoctorFinding> findings)
    {
        var table = new TextTable(TableOverflow.WrapLast, "check", "", "finding");
        foreach (var finding in findings)
            table.Add(finding.Check, Styled(finding.Severity), $"{finding.Message} {finding.Fix}".TrimEnd().ReplaceLineEndings(" "));
        table.Write();
    }

    private static void WriteJson(Utf8JsonWriter writer, List<DoctorFinding> findings)
    {
        writer.WriteStartArray();
        foreach (var finding in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("check"u8, finding.Check);
            writer.WriteString("verdict"u8, Text(finding.Severity));
            writer.WriteString("finding"u8, finding.Message);
            if (finding.Fix is { } fix)
                writer.WriteString("fix"u8, fix);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static StyledText Styled(FindingSeverity severity) => new(Text(severity), severity switch
    {
        FindingSeverity.Ok => Style.Good,
        FindingSeverity.Warning => Style.Warning,
        FindingSeverity.Error => Style.Bad,
    });

    private static string Text(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Ok => "ok",
        FindingSeverity.Warning => "warning",
        FindingSeverity.Error => "wrong",
    };
}
