namespace Inference.Testing;

/// <summary>The limits of tests that wait for other threads or processes. A busy machine may delay any step by up to a minute.</summary>
public static class WaitLimit
{
    /// <summary>The xunit timeout, in milliseconds, of a test that would never end if it failed.</summary>
    public const int TestMilliseconds = 600_000;

    /// <summary>The limit of one step, such as the start of a server or a line in its log.</summary>
    public static TimeSpan Step { get; } = TimeSpan.FromMinutes(5);

    /// <summary>The limit of a program that does many steps, or that loads from the network.</summary>
    public static TimeSpan Program { get; } = TimeSpan.FromMinutes(10);
}
