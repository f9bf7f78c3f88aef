using System.Globalization;
using Inference.Azure.Predictions;
using Inference.Models;
using Inference.Protocols.Predictions;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Functions.Poison;

/// <summary><c>Functions poison ...</c>: what to do with messages that were given up. Runs instead of the server.</summary>
internal sealed class PoisonVerb(PoisonMessages messages, PoisonArguments arguments, string queue)
{
    private const int Done = 0;
    private const int NotDone = 1;
    private const int WrongUsage = 2;
    private const int MaxReason = 80;

    public static bool IsAskedFor(string[] args) => args is ["poison", ..];

    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string[] args, IConfiguration configuration)
    {
        if (!PoisonArguments.TryParse(args.AsSpan(1), out var arguments))
        {
            await Console.Error.WriteLineAsync(PoisonArguments.Usage).ConfigureAwait(false);
            return WrongUsage;
        }

        try
        {
            return await Create(arguments, configuration).RunAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageSettingsException or PredictionStorageException)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return NotDone;
        }
    }

    private static PoisonVerb Create(PoisonArguments arguments, IConfiguration configuration)
    {
        var settings = PredictionSettings.Read(configuration);
        var account = new StorageAccount(configuration, StorageAccount.DefaultSetting);
        var container = new PredictionContainer(account, settings, TimeProvider.System);
        var messages = new PoisonMessages(
            new PredictionQueues(account, settings),
            container,
            PredictionMessageReader.ReadId,
            result => ResultReader.Read(result.Span).Failure is { } failure ? new PoisonReason(failure.Code, failure.Message) : null);
        return new PoisonVerb(messages, arguments, settings.PoisonQueue);
    }

    private async Task<int> RunAsync()
    {
        var all = await messages.TakeAllAsync(CancellationToken.None).ConfigureAwait(false);
        var open = new List<PoisonMessage>(all);
        try
        {
            var matching = all.Where(arguments.Matches).ToList();
            Print(all.Count, matching);
            if (arguments.Action == PoisonAction.List || matching.Count == 0)
                return Done;
            if (!arguments.Yes && !Confirm(matching.Count))
                return NotDone;
            open.RemoveAll(arguments.Matches);
            return await ActAsync(matching).ConfigureAwait(false);
        }
        finally
        {
            foreach (var message in open)
                await messages.ReleaseAsync(message, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<int> ActAsync(List<PoisonMessage> matching)
    {
        var done = 0;
        foreach (var message in matching)
        {
            var isDone = arguments.Action == PoisonAction.Replay
                ? await messages.ReplayAsync(message, CancellationToken.None).ConfigureAwait(false)
                : await messages.DropAsync(message, CancellationToken.None).ConfigureAwait(false);
            done += isDone ? 1 : 0;
        }

        Console.WriteLine($"{done} {(arguments.Action == PoisonAction.Replay ? "replayed" : "dropped")}.");
        if (done == matching.Count)
            return Done;
        Console.Error.WriteLine($"{matching.Count - done} had been taken by someone else meanwhile.");
        return NotDone;
    }

    private void Print(int total, List<PoisonMessage> matching)
    {
        var width = matching.Select(message => Text(message.Id).Length).Append(2).Max();
        if (matching.Count > 0)
            Console.WriteLine($"{"id".PadRight(width)}  {"error",-18}  {"given up",-20}  reason");
        foreach (var message in matching)
        {
            var reason = message.Reason?.Message.ReplaceLineEndings(" ") ?? "no failed result";
            var shown = reason[..Math.Min(MaxReason, reason.Length)];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Text(message.Id).PadRight(width)}  {message.Reason?.Code ?? "-",-18}  {message.Inserted:yyyy-MM-ddTHH:mm:ssZ}  {shown}"));
        }

        Console.WriteLine($"{matching.Count} of {total} in {queue}.");
    }

    private bool Confirm(int count)
    {
        if (Console.IsInputRedirected)
        {
            Console.Error.WriteLine("Nobody can be asked here: add --yes.");
            return false;
        }

        Console.Write($"{arguments.Action} {count}? [y/N] ");
        return Console.ReadLine() is { } answer && answer.Trim().Equals("y", StringComparison.OrdinalIgnoreCase);
    }

    private static string Text(PredictionId? id) => id?.Value ?? "-";
}
