using System.Diagnostics.CodeAnalysis;
using Inference.Azure.Predictions;

namespace Functions.Poison;

/// <summary>What <c>Functions poison</c> is asked to do, and with which messages.</summary>
internal sealed record PoisonArguments(PoisonAction Action, string? Id, string? Error, bool All, bool Yes)
{
    public const string Usage = """
        Functions poison list   [--id ID | --error CODE | --all]
        Functions poison replay  --id ID | --error CODE | --all  [--yes]
        Functions poison drop    --id ID | --error CODE | --all  [--yes]

        The messages of the queue <Predictions__Queue>-poison in AzureWebJobsStorage: list shows them, replay sends them to the
        queue again, drop deletes them. --yes answers the question that replay and drop ask, which must be done when nobody can
        be asked. Ends with 0 when all was done, 1 when not or when the answer was no, 2 when this is what was wrong.
        """;

    public static bool TryParse(ReadOnlySpan<string> args, [NotNullWhen(true)] out PoisonArguments? parsed)
    {
        parsed = null;
        if (args.IsEmpty || !Enum.TryParse(args[0], ignoreCase: true, out PoisonAction action) || char.IsAsciiDigit(args[0][0]))
            return false;
        if (Read(new PoisonArguments(action, Id: null, Error: null, All: false, Yes: false), args[1..]) is not { } read)
            return false;
        var filters = (read.Id is null ? 0 : 1) + (read.Error is null ? 0 : 1) + (read.All ? 1 : 0);
        if (filters > 1 || (filters == 0 && action != PoisonAction.List))
            return false;
        parsed = read;
        return true;
    }

    public bool Matches(PoisonMessage message) =>
        (Id is null || message.Id?.Value == Id) && (Error is null || string.Equals(message.Reason?.Code, Error, StringComparison.OrdinalIgnoreCase));

    private static PoisonArguments? Read(PoisonArguments read, ReadOnlySpan<string> rest) => rest switch
    {
        [] => read,
        ["--id", var id, ..] => Read(read with { Id = id }, rest[2..]),
        ["--error", var code, ..] => Read(read with { Error = code }, rest[2..]),
        ["--all", ..] => Read(read with { All = true }, rest[1..]),
        ["--yes", ..] => Read(read with { Yes = true }, rest[1..]),
        _ => null,
    };
}
