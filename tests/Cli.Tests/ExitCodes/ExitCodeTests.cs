using Functions.Tests;

namespace Cli.Tests.ExitCodes;

/// <summary>
/// The table of exit codes in docs/cli.md, for every command: 2 for wrong input, 1 for what a server, a model or a store refused.
/// </summary>
public sealed class ExitCodeTests : IDisposable
{
    private const string Nobody = "http://127.0.0.1:1";

    private readonly ModelFolder _store = new();
    private readonly ModelFolder _made = new();

    /// <summary>Each line is an exit code and a command. {store} is an empty store, {made} a folder of files, {model} a model.</summary>
    private const string Table = """
        2 predict m --data {
        2 predict m --data
        2 predict m --data [1] --batch 0
        2 predict m --data [1] --text a
        2 predict m --data [1] --format xml
        2 predict m --data [1] --output {made}/x.txt
        2 predict m --data [1] --column 1
        2 predict m --file {made}/none.csv
        2 predict m --file {made}
        2 predict m --file {made}/rows.csv --column nope
        1 predict m --data [1]
        2 models list --endpoint ftp://x
        2 models list --nope
        1 models list
        2 models show
        1 models show m
        2 models push {made}/none m --store {store}
        2 models push {made} m --store {store}
        2 models push {model} m/1 --store {store}
        2 models push {model} m --store blob:models
        2 models push {model} m --store s3://b/c
        1 models push {model} m --store {store}/none
        1 models push {model} m --store {made}/rows.csv
        2 models push {model} m --store {store} --version 0
        2 models push {model} m --store {store} --variant fp16
        2 models push {model} m --store {store} --labels {made}/none
        2 models push {model} m --store {store} --labels {made}/rows.csv
        2 models push {model} m --store {store} --sample {made}/none
        2 models push {model} m --store {store} --sample {"features":
        2 models push {model} m --store {store} --sample {"nope":1}
        2 models push {model} m --store {store} --shape nope=1
        2 models push {model} m --store {store} --shape {made}
        1 models push {made}/rows.csv m --store {store}
        2 models pull m {made} --store {store} --version 0
        2 models pull m {made} --store {store} --public-key {made}/none
        1 models pull m {made} --store {store}
        2 models remove m --store {store} --version 0 --yes
        1 models remove m --store {store} --version 1 --yes
        2 models verify m --store {store} --version -1
        2 models verify m --store {store} --public-key {made}/none
        1 models verify m --store {store}
        2 models sign {made} --private-key {made}/none
        2 models sign {made} --private-key {made}/rows.csv
        2 jobs list --limit 0
        1 jobs list
        2 jobs submit m --data {
        2 jobs submit m --data [1] --id a/b
        1 jobs submit m --data [1]
        2 jobs watch
        1 jobs watch a
        2 jobs get
        1 jobs get a
        2 jobs cancel
        1 jobs cancel a
        2 poison list --id a --all
        2 poison replay
        2 poison drop --error a --all --yes
        2 bench m --window 0
        2 bench m --concurrency many
        2 bench m --data {
        2 bench m --svg {made}
        1 bench m
        2 doctor --store blob:models
        1 doctor
        2 completion fish
        """;

    [Fact]
    public async Task Command_OfTheTable_HasItsExitCode()
    {
        _made.Write("1,2\n3,4\n", "rows.csv");
        _made.WriteScaling("scaling", 1, 2);
        var wrong = new List<string>();
        foreach (var (code, words) in Rows())
        {
            var arguments = words.Select(word => word
                .Replace("{store}", _store.Path, StringComparison.Ordinal)
                .Replace("{made}", _made.Path, StringComparison.Ordinal)
                .Replace("{model}", _made.PathOf("scaling", "1", "model.onnx"), StringComparison.Ordinal));
            var result = await CliProcess.RunAsync(("INFERCTL_ENDPOINT", Nobody), [.. arguments]);
            if (result.ExitCode != code)
                wrong.Add($"{string.Join(' ', words)}: {result.ExitCode} instead of {code}. {result.Error}");
        }

        Assert.Equal([], wrong);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_store.Path));
    }

    [Fact]
    public async Task Table_HasAWrongCallOfEveryCommand()
    {
        var wrong = Rows().Where(row => row.Code == 2).Select(row => $"inferctl {string.Join(' ', row.Words)} ").ToList();

        var missing = (await UsageTests.CommandsAsync())
            .FindAll(command => !wrong.Exists(row => row.StartsWith(command + " ", StringComparison.Ordinal)));

        Assert.True(missing.Count == 0, $"Add a row such as \"2 <command> --nope\" to the table for {string.Join(", ", missing)}.");
    }

    public void Dispose()
    {
        _store.Dispose();
        _made.Dispose();
    }

    private static IEnumerable<(int Code, string[] Words)> Rows() => Table.Split('\n').Select(line => line.Split(' '))
        .Select(words => (int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture), words[1..]));
}
