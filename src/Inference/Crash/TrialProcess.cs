using System.Diagnostics;

namespace Inference.Crash;

/// <summary>
/// Runs a trial in a child process of the same executable, so that a model that crashes ends only the child. The parent holds the child's
/// stdin open. The stdin closes when the parent ends for any reason, and the child then ends itself.
/// </summary>
public static class TrialProcess
{
    /// <summary>The exit code of a child whose trial failed without a crash. The reason is on stderr.</summary>
    public const int RefusedExitCode = 3;

    /// <summary>The exit code of a child whose inputs or files are not valid. The reason is on stderr.</summary>
    public const int WrongInputExitCode = 4;

    /// <summary>A process that a signal ended has the exit code 128 plus the number of the signal.</summary>
    private const int SignalBase = 128;

    /// <summary>
    /// The highest value of oom_score_adj. When memory runs out, the kernel ends the process with the highest value first.
    /// </summary>
    private const string MaxOomScore = "1000";

    /// <summary>Starts the child and waits until it ends. After the timeout, or when the token is cancelled, the child is killed.</summary>
    /// <param name="arguments">The command line of the child, after the executable.</param>
    /// <param name="environment">Variables of the child's environment, in addition to those of this process.</param>
    /// <returns>The failure; null when the trial passed.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; the child was killed.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The child cannot be started.</exception>
    public static async Task<TrialFailure?> RunAsync(
        IEnumerable<string> arguments,
        IEnumerable<(string Name, string Value)> environment,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        using var timeoutSource = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeoutSource.CancelAfter(timeout);
        using var process = Process.Start(CreateStartInfo(arguments, environment))!;
        // Both streams are read to their ends, because the child would otherwise wait for room in the pipe.
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(timeoutSource.Token).ConfigureAwait(false);
            await output.ConfigureAwait(false);
            return CreateFailure(process.ExitCode, await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TrialFailure($"did not end within {timeout.TotalSeconds:0.#} s", IsHarmful: true);
        }
        finally
        {
            process.Kill();
        }
    }

    /// <summary>
    /// Prepares the child process, which calls this method first. From then on, the child ends with its parent, and is the first process to
    /// be killed when memory runs out.
    /// </summary>
    /// <param name="input">The child's stdin, owned by this call.</param>
    public static void BeginChild(Stream input)
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", MaxOomScore);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only Linux has this file. Other systems choose the process to end on their own.
        }

        new Thread(() => EndWithParent(input)) { IsBackground = true, Name = "parent" }.Start();
    }

    /// <summary>Waits until the stdin closes, which happens when the parent ends, and then ends this process.</summary>
    private static void EndWithParent(Stream input)
    {
        while (input.ReadByte() >= 0)
        {
        }

        // Kill ends the process even while native code computes.
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }

    private static ProcessStartInfo CreateStartInfo(IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var executable = Environment.ProcessPath!;
        // Under "dotnet app.dll", the executable is the dotnet host.
        var isHost = Path.GetFileNameWithoutExtension(executable) == "dotnet";
        var start = new ProcessStartInfo(executable, isHost ? arguments.Prepend(Environment.GetCommandLineArgs()[0]) : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }

    private static TrialFailure? CreateFailure(int exitCode, string errors) => exitCode switch
    {
        0 => null,
        RefusedExitCode => new TrialFailure(errors.Trim(), IsHarmful: false),
        WrongInputExitCode => new TrialFailure(errors.Trim(), IsHarmful: false) { IsInputFailure = true },
        SignalBase + Signals.Kill => new TrialFailure("was killed (SIGKILL), most likely because memory ran out", IsHarmful: true),
        > SignalBase => new TrialFailure($"crashed ({Signals.Name(exitCode - SignalBase)})", IsHarmful: true),
        _ => new TrialFailure($"The trial process ended with exit code {exitCode}: {GetLastLine(errors)}", IsHarmful: false),
    };

    private static string GetLastLine(string text) => text.Trim().Split('\n')[^1];
}

/// <summary>The reason why a trial did not pass, and what the failure says about the model.</summary>
/// <param name="Reason">
/// The reason. For a harmless failure, this is a sentence. For a harmful failure, this is the end of a sentence whose subject is the model,
/// such as <c>crashed (SIGSEGV)</c>.
/// </param>
/// <param name="IsHarmful">Whether the model crashed, did not end or ran out of memory. Such a model would have harmed a server.</param>
public sealed record TrialFailure(string Reason, bool IsHarmful)
{
    /// <summary>Whether the inputs or files of the trial are not valid. Such a failure says nothing about the model.</summary>
    public bool IsInputFailure { get; init; }
}
