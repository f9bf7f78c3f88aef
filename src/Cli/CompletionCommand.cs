using System.CommandLine;

namespace Cli;

/// <summary>
/// <c>completion</c>: prints the script with which a shell completes commands and options. The script calls <c>inferctl [suggest:N]</c>
/// with the typed line. System.CommandLine then prints the words that fit at position N.
/// </summary>
internal static class CompletionCommand
{
    private static readonly Argument<string> Shell = CreateShell();

    public static Command Create()
    {
        var command = new Command("completion", "Print the script for tab completion of inferctl") { Shell };
        command.SetAction(parsed => Console.Out.Write(parsed.GetRequiredValue(Shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => PowerShell,
        } + "\n"));
        return command;
    }

    private static Argument<string> CreateShell()
    {
        var shell = new Argument<string>("shell") { Description = "The shell" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "pwsh");
        return shell;
    }

    private const string Bash = """
        # eval "$(inferctl completion bash)"
        _inferctl() {
          COMPREPLY=()
          local line=${COMP_LINE#* }
          local at=$((COMP_POINT - (${#COMP_LINE} - ${#line})))
          mapfile -t COMPREPLY < <(compgen -W "$(inferctl "[suggest:$at]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _inferctl inferctl
        """;

    private const string Zsh = """
        # eval "$(inferctl completion zsh)"
        _inferctl() {
          local line=${BUFFER#* }
          local at=$((CURSOR - (${#BUFFER} - ${#line})))
          compadd -- ${(f)"$(inferctl "[suggest:$at]" "$line" 2>/dev/null)"} || _files
        }
        compdef _inferctl inferctl
        """;

    private const string PowerShell = """
        # inferctl completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName inferctl -ScriptBlock {
          param($word, $line, $cursor)
          $text = $line.ToString()
          $start = $text.IndexOf(' ') + 1
          $place = "[suggest:$($cursor - $line.Extent.StartOffset - $start)]"
          inferctl $place $text.Substring($start) | Where-Object { $_ -like "$word*" } | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;
}
