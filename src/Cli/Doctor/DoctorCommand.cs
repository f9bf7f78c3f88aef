using System.CommandLine;
using System.Text.Json;
using Cli.Models.Stores;
using Cli.Output;
using Inference;

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
        var givenStore = parsed.GetValue(StoreOptions.OptionalStore);
        // A wrong value of --store ends the command before its first request.
        var files = givenStore is null ? null : StoreOptions.Open(givenStore);
        using var server = GlobalOptions.Connect(parsed);
        var findings = new List<DoctorFinding>();
        var checks = new ServerChecks(server, findings);
        var isReached = await checks.CheckEndpointAsync(cancellationToken);
        if (isReached)
            await checks.ReadStatusAsync(cancellationToken);
        var store = await StoreReadResult.ReadAsync(givenStore ?? checks.LocalStore, files, cancellationToken);
        if (isReached)
            await checks.RunAsync(IsServerStore(givenStore, checks.LocalStore) ? store?.Content : null, cancellationToken);
        if (store?.Failure is { } failure)
        {
            findings.Add(failure);
        }
        else if (store?.Content is { } content)
        {
            await new StoreChecks(findings, content, server.Endpoint)
                .RunAsync(checks.Listed, givenStore is null ? checks.Available.Contains : _ => true, cancellationToken);
        }
        else if (checks.Available.Count > 0)
        {
            findings.Add(CreateNotTriedWarning(checks.Available.Count));
        }

        if (parsed.GetValue(GlobalOptions.Json))
            JsonConsole.Write(writer => WriteJson(writer, findings));
        else
            WriteText(findings);
        return findings.Exists(finding => finding.Severity == FindingSeverity.Error) ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>
    /// Whether the store that was read can be the server's own store. Advice about the server's models names only such a store.
    /// </summary>
    /// <param name="given">The value of <c>--store</c>; null without the option.</param>
    /// <param name="local">The server's models folder on this machine; null when the folder is not known.</param>
    private static bool IsServerStore(string? given, string? local) => given is null || local is null
        || Path.TrimEndingDirectorySeparator(Path.GetFullPath(given)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(local));

    private static DoctorFinding CreateNotTriedWarning(int versions) => new("trial", FindingSeverity.Warning,
        $"{Counted.Text(versions, "version")} had no request yet, so it is not known whether a load succeeds.",
        "Run inferctl doctor with --store <the server's Models__Source> on a machine that can read this folder or container.");

    private static void WriteText(List<DoctorFinding> findings)
    {
        var table = new TextTable(TableOverflow.WrapLast, "check", "", "finding");
        foreach (var finding in findings)
            table.Add(finding.Check, ToStyledText(finding.Severity), $"{finding.Message} {finding.Fix}".TrimEnd().ReplaceLineEndings(" "));
        table.Write();
    }

    private static void WriteJson(Utf8JsonWriter writer, List<DoctorFinding> findings)
    {
        writer.WriteStartArray();
        foreach (var finding in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("check"u8, finding.Check);
            writer.WriteString("verdict"u8, GetName(finding.Severity));
            writer.WriteString("finding"u8, finding.Message);
            if (finding.Fix is { } fix)
                writer.WriteString("fix"u8, fix);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static StyledText ToStyledText(FindingSeverity severity) => new(GetName(severity), severity switch
    {
        FindingSeverity.Ok => Style.Good,
        FindingSeverity.Warning => Style.Warning,
        FindingSeverity.Error => Style.Bad,
    });

    private static string GetName(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Ok => "ok",
        FindingSeverity.Warning => "warning",
        FindingSeverity.Error => "wrong",
    };
}
