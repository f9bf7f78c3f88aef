using Inference;

namespace Cli.Output;

/// <summary>Formats numbers of bytes for people, such as 1.5 GiB.</summary>
internal static class Sizes
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Returns a size with one decimal place, or whole bytes below 1 KiB.</summary>
    public static string Format(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
            value /= 1024;
        return unit == 0 ? Counted.Text(bytes, "byte") : $"{value:0.0} {Units[unit]}";
    }
}
