namespace Functions.Worker.Hosting;

/// <summary>The arguments, apart: those that are settings, and those that are not.</summary>
internal sealed record CommandLine(string[] Settings, bool AllowAnonymous, bool HasFunctionsHost)
{
    private const string AllowAnonymousSwitch = "--allow-anonymous";
    private const string FunctionsHostOption = "--functions-uri";

    /// <summary>The switch is taken out because it has no value: the reader of settings would give it the next argument.</summary>
    public static CommandLine Parse(string[] args) => new(
        [.. args.Where(a => a != AllowAnonymousSwitch)],
        args.Contains(AllowAnonymousSwitch),
        args.Any(a => a == FunctionsHostOption || a.StartsWith(FunctionsHostOption + "=", StringComparison.Ordinal)));
}
