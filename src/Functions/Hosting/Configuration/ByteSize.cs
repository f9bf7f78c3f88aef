using System.Globalization;

namespace Functions.Hosting.Configuration;

/// <summary>Parses and formats numbers of bytes as settings contain them: <c>1048576</c>, <c>512MiB</c>, <c>2GiB</c>.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, int Shift)[] Units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];

    /// <summary>Parses a whole number with an optional unit. Returns false for any other text and for a number that is too large.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        var (unit, shift) = Array.Find(Units, unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        var number = text.AsSpan(0, text.Length - (unit?.Length ?? 0)).TrimEnd();
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) || bytes > long.MaxValue >> shift)
            return false;
        bytes <<= shift;
        return true;
    }

    /// <summary>Formats a positive number with the largest unit of which it is a multiple.</summary>
    public static string Format(long bytes)
    {
        var (unit, shift) = Array.FindLast(Units, unit => bytes % (1L << unit.Shift) == 0);
        return $"{bytes >> shift}{unit}";
    }
}
