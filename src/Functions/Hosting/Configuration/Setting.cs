using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Functions.Hosting.Configuration;

/// <summary>
/// A setting of the server, and the readers of its value. The readers treat a blank value as missing, and throw an
/// <see cref="InvalidOperationException"/> for a wrong one.
/// </summary>
/// <param name="Key">The name in the configuration, with a colon between its parts, such as <c>Http:MaxBodySize</c>.</param>
internal sealed record Setting(string Key)
{
    /// <summary>Returns the name of the environment variable, which messages contain.</summary>
    public override string ToString() => ToEnvironmentName(Key);

    /// <summary>Returns the name of the environment variable for a key, such as <c>Http__MaxBodySize</c>.</summary>
    public static string ToEnvironmentName(string key) => key.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>Reads the text; null for a missing setting.</summary>
    public string? ReadText(IConfiguration configuration) =>
        configuration[Key] is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

    /// <summary>Reads true or false; false for a missing setting.</summary>
    public bool ReadSwitch(IConfiguration configuration) =>
        ReadText(configuration) is { } text && (bool.TryParse(text, out var value) ? value : throw CreateError(text, "true or false"));

    /// <summary>Reads a whole number in a range; null for a missing setting.</summary>
    public int? ReadInteger(IConfiguration configuration, int min, int max)
    {
        if (ReadText(configuration) is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw CreateError(text, $"a whole number from {min} to {max}");
    }

    /// <summary>Reads a number of bytes in a range, such as <c>1048576</c> or <c>512MiB</c>; null for a missing setting.</summary>
    public long? ReadBytes(IConfiguration configuration, long min, long max = long.MaxValue)
    {
        if (ReadText(configuration) is not { } text)
            return null;
        if (ByteSize.TryParse(text, out var bytes) && bytes >= min && bytes <= max)
            return bytes;
        var range = max == long.MaxValue ? $"at least {ByteSize.Format(min)}" : $"from {ByteSize.Format(min)} to {ByteSize.Format(max)}";
        throw CreateError(text, $"{range}: a number of bytes, with or without KiB, MiB or GiB, such as 64MiB");
    }

    /// <summary>Creates the error for a wrong value.</summary>
    /// <param name="expected">Describes the right values, after "it must be".</param>
    public InvalidOperationException CreateError(string text, string expected) => new($"{this} is \"{text}\"; it must be {expected}.");
}
