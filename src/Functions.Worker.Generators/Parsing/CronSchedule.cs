using System.Globalization;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Six fields as NCRONTAB has them: second, minute, hour, day, month, day of week.</summary>
internal static class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private static readonly (int Lowest, int Highest, string[] Names)[] Fields =
        [(0, 59, []), (0, 59, []), (0, 23, []), (1, 31, []), (1, 12, Months), (0, 6, Days)];

    public static bool IsValid(string text)
    {
        var written = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return written.Length == Fields.Length
            && written.Zip(Fields, (list, field) => list.Split(',').All(part => IsPart(part, field))).All(valid => valid);
    }

    private static bool IsPart(string part, (int Lowest, int Highest, string[] Names) field)
    {
        var steps = part.Split('/');
        if (steps.Length > 2 || (steps.Length == 2 && !(IsNumber(steps[1], out var step) && step > 0)))
            return false;
        if (steps[0] == "*")
            return true;

        var ends = steps[0].Split('-').Select(end => Value(end, field)).ToList();
        return ends.Count <= 2 && ends.All(end => end >= field.Lowest && end <= field.Highest);
    }

    /// <summary>The number, or that of a name; null for neither.</summary>
    private static int? Value(string text, (int Lowest, int Highest, string[] Names) field)
    {
        if (IsNumber(text, out var number))
            return number;

        // A name is known by its first three letters.
        var index = text.Length < 3 ? -1 : Array.FindIndex(field.Names, n => text.StartsWith(n, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : index + field.Lowest;
    }

    private static bool IsNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
