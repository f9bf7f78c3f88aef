using System.Text.RegularExpressions;

namespace Inference.Azure.Settings;

/// <summary>The service's rule for names of queues and containers.</summary>
internal static partial class StorageName
{
    public static bool IsValid(string name) => ValidName().IsMatch(name);

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();
}
