using System.CommandLine;
using System.CommandLine.Completions;
using Cli.Models.Stores;
using Inference.Models;

namespace Cli;

/// <summary>The values that a shell offers for arguments and options.</summary>
internal static class Completion
{
    /// <summary>The time limit of one completion, because the user who pressed Tab waits for it.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Offers only the given values. An option of an enum type would otherwise offer the names of the enum's members, such as <c>Table</c>.
    /// </summary>
    public static void Offer(Option option, params string[] values)
    {
        option.CompletionSources.Clear();
        option.CompletionSources.Add(values);
    }

    /// <summary>Offers the models that the server serves.</summary>
    public static void OfferModels(Argument<string> model) => Offer(model, FindServedAsync);

    /// <summary>Offers the models in the store of <c>--store</c>; without that option, the models that the server serves.</summary>
    public static void OfferStored(Argument<string> model) => Offer(model, FindStoredAsync);

    private static void Offer(Argument<string> model, Func<ParseResult, CancellationToken, Task<IEnumerable<string>>> find)
    {
        // Without this name, help would show the offered values as the argument's name.
        model.HelpName = model.Name;
        model.CompletionSources.Add(context => Find(context, find));
    }

    /// <summary>Returns the valid model names among the found names. A shell might expand other text that a server sends.</summary>
    private static IEnumerable<CompletionItem> Find(
        CompletionContext context, Func<ParseResult, CancellationToken, Task<IEnumerable<string>>> find)
    {
        using var limit = new CancellationTokenSource(TimeLimit);
        try
        {
            return [.. find(context.ParseResult, limit.Token).GetAwaiter().GetResult()
                .Where(name => ModelName.TryParse(name, out _) && name.StartsWith(context.WordToComplete, StringComparison.Ordinal))
                .Select(name => new CompletionItem(name))];
        }
        catch (Exception)
        {
            // Without names, the shell completes files. The command itself reports the error when it runs.
            return [];
        }
    }

    private static async Task<IEnumerable<string>> FindServedAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var server = GlobalOptions.Connect(parsed);
        var response = await server.GetAsync("models", cancellationToken).ConfigureAwait(false);
        return [.. response.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("name").GetString()!)];
    }

    private static async Task<IEnumerable<string>> FindStoredAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(StoreOptions.Store) is not { } store)
            return await FindServedAsync(parsed, cancellationToken).ConfigureAwait(false);
        var files = await StoreOptions.Open(store).ListAsync("", cancellationToken).ConfigureAwait(false);
        return files.Where(file => file.Path.Contains('/', StringComparison.Ordinal)).Select(file => file.Path.Split('/')[0])
            .Distinct(StringComparer.Ordinal);
    }
}
