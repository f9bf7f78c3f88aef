using System.Globalization;

namespace Inference.Crash;

/// <summary>The signals that end a process when it crashes or is killed, by their numbers on Linux.</summary>
public static class Signals
{
    public const int Illegal = 4;
    public const int Abort = 6;
    public const int Bus = 7;
    public const int FloatingPoint = 8;
    public const int Kill = 9;
    public const int Segmentation = 11;

    /// <summary>Returns the name of a signal, such as <c>SIGSEGV</c>.</summary>
    public static string Name(int signal) => signal switch
    {
        Illegal => "SIGILL",
        Abort => "SIGABRT",
        Bus => "SIGBUS",
        FloatingPoint => "SIGFPE",
        Kill => "SIGKILL",
        Segmentation => "SIGSEGV",
        _ => string.Create(CultureInfo.InvariantCulture, $"signal {signal}"),
    };
}
