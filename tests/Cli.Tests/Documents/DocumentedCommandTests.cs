using System.Diagnostics;
using System.Text.RegularExpressions;
using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests.Documents;

/// <summary>
/// The commands of README.md and docs do what the pages say: each block is run here, or by the test it names, or says why not.
/// </summary>
public sealed partial class DocumentedCommandTests
{
    private const string RunBy = "run by: ";
    private const string NotRun = "not run: ";

    public static TheoryData<string> Pages => [.. DocumentedBlock.All().Where(block => block.IsRun).Select(block => block.Page).Distinct()];

    [Fact]
    public void EveryBlock_IsRunOrSaysWhyNot()
    {
        var blocks = DocumentedBlock.All().ToList();
        Assert.True(blocks.Count > 40, $"{blocks.Count} blocks are found.");
        var sources = string.Concat(
            Directory.EnumerateFiles(Path.Combine(DocumentedBlock.Repository, "tests"), "*Tests.cs", SearchOption.AllDirectories)
                .Select(File.ReadAllText));

        Assert.DoesNotContain(blocks, block => !block.IsRun && !IsExplained(block.Mark, sources));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_WhatItRuns_PrintsWhatItSays(string page)
    {
        using var folder = new TempFolder();
        await FillAsync(folder);
        await using var server = await FunctionsProcess.StartAsync(
            ("Models__Source", folder.Combine("served")), ("Models__CacheDirectory", folder.Combine("cache")));

        foreach (var (command, output) in DocumentedBlock.All()
            .Where(block => block.Page == page && block.IsRun).SelectMany(block => block.Commands()))
        {
            var printed = await RunAsync(command, folder.Path, server.Client.BaseAddress!);
            Assert.True(
                Expected(output).IsMatch(Blank().Replace(printed, "")), $"{page} has another output than this of\n{command}\n{printed}");
        }
    }

    private static bool IsExplained(string? mark, string sources) =>
        mark is not null
        && (mark.StartsWith(NotRun, StringComparison.Ordinal)
            || (mark.StartsWith(RunBy, StringComparison.Ordinal)
                && mark[RunBy.Length..]
                    .Split(", ")
                    .All(name => sources.Contains($" class {name}", StringComparison.Ordinal)
                        || File.Exists(Path.Combine(DocumentedBlock.Repository, name)))));

    /// <summary>Copies the repository's models, which are served, and writes an array as NumPy does. All else the pages make.</summary>
    private static async Task FillAsync(TempFolder folder)
    {
        foreach (var model in (string[])["digits", "entities", "iris"])
        {
            foreach (var place in (string[])["models", "served"])
            {
                Directory.CreateDirectory(folder.Combine(place, model, "1"));
                foreach (var file in Directory.EnumerateFiles(ServedModels.PathOf(model, "1")))
                    File.Copy(file, folder.Combine(place, model, "1", Path.GetFileName(file)));
            }
        }

        await File.WriteAllBytesAsync(
            folder.Combine("flowers.npy"), NpyContent.Create([5.1f, 3.5f, 1.4f, 0.2f, 6.3f, 3.3f, 6.0f, 2.5f], "(2, 4)"));
    }

    private static async Task<string> RunAsync(string command, string folder, Uri address)
    {
        // Where a reader's server is.
        var text = LocalAddress().Replace(command, address.Authority);
        var start = new ProcessStartInfo("bash", ["-e", "-o", "pipefail", "-c", text])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(CliProcess.Executable)}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["INFERCTL_ENDPOINT"] = address.AbsoluteUri;
        using var bash = Process.Start(start)!;
        var output = bash.StandardOutput.ReadToEndAsync();
        var errors = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();
        Assert.True(bash.ExitCode == 0, $"{command}\nended with {bash.ExitCode}: {errors}{await output}");
        return await output + errors;
    }

    /// <summary>The lines in their order, however they are broken: three points stand for anything, and times are the machine's.</summary>
    private static Regex Expected(List<string> lines) => new(
        string.Join(".*?",
            lines.Select(line =>
                Time().Replace(Regex.Escape(Blank().Replace(line, "")).Replace(@"\.\.\.", ".*?", StringComparison.Ordinal), @"[\d.]+s"))),
        RegexOptions.Singleline);

    [GeneratedRegex(@"(127\.0\.0\.1|localhost):7071")]
    private static partial Regex LocalAddress();

    [GeneratedRegex(@"\s")]
    private static partial Regex Blank();

    [GeneratedRegex(@"\d+\\\.\d+s")]
    private static partial Regex Time();
}
