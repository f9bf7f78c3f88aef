using System.Globalization;

namespace Cli.Bench;

/// <summary>
/// The way in which requests are sent. In a closed loop, each caller waits for a response before it sends the next request. In an open
/// loop, requests are sent at a fixed rate, whether or not responses arrive.
/// </summary>
/// <param name="IsOpen">True for an open loop, false for a closed loop.</param>
/// <param name="Level">The number of callers in a closed loop; the number of requests per second in an open loop.</param>
internal sealed record Load(bool IsOpen, double Level)
{
    /// <summary>The maximum number of callers. Each caller has a connection, and the system limits the number of connections.</summary>
    private const double MaxCallers = 10_000;

    /// <summary>The maximum number of requests per second, which is more than one machine can send.</summary>
    private const double MaxRate = 1e6;

    /// <summary>"open" or "closed".</summary>
    public string Mode => IsOpen ? "open" : "closed";

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Level}{(IsOpen ? "/s" : Level == 1 ? " caller" : " callers")}");

    /// <exception cref="CliException">
    /// A level is not a number, is not above 0, or is above the maximum; or a number of callers is not whole. Thrown while the result is
    /// enumerated.
    /// </exception>
    public static IEnumerable<Load> Parse(string? levels, bool isOpen, string option)
    {
        var max = isOpen ? MaxRate : MaxCallers;
        foreach (var text in (levels ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var level) || !(level > 0 && level <= max)
                || (!isOpen && level % 1 != 0))
            {
                throw CliException.CreateUsageError(
                    $"{option}: \"{text}\" is invalid; write {(isOpen ? "requests per second" : "whole numbers of callers")} up to "
                    + $"{max.ToString(CultureInfo.InvariantCulture)}, with commas between them, as in 1,4,16.");
            }

            yield return new Load(isOpen, level);
        }
    }
}
