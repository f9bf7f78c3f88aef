using System.Text.RegularExpressions;
using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Parses the queue of a trigger or an output.</summary>
internal static class QueueParser
{
    private const string DefaultConnection = "AzureWebJobsStorage";

    private static readonly Regex Setting = new("%[A-Za-z0-9_.:-]+%", RegexOptions.CultureInvariant);
    // The rule of Azure Storage for the names of queues.
    private static readonly Regex ValidName = new("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant);
    // The names that app settings can have on Linux.
    private static readonly Regex ValidConnection = new("^[A-Za-z0-9_.]+$", RegexOptions.CultureInvariant);

    public static QueueModel Parse(string function, ISymbol symbol, AttributeData attribute, List<Finding> findings)
    {
        var name = attribute.GetOnlyArgument();
        if (!IsValidName(name))
            findings.Add(Finding.Create(Rules.QueueName, SourceSpan.From(symbol), name, function));
        CheckSettings(function, symbol, name, findings);
        var connection = attribute.GetNamedValue("Connection") as string ?? DefaultConnection;
        if (!ValidConnection.IsMatch(connection))
            findings.Add(Finding.Create(Rules.Connection, SourceSpan.From(symbol), function));
        return new QueueModel(name, connection);
    }

    /// <summary>
    /// Reports settings between percent signs whose names contain <c>__</c>, because the host replaces <c>__</c> in the names of settings
    /// by a colon.
    /// </summary>
    private static void CheckSettings(string function, ISymbol symbol, string text, List<Finding> findings)
    {
        var corrected = Setting.Replace(text, static match => match.Value.Replace("__", ":"));
        if (corrected != text)
            findings.Add(Finding.Create(Rules.SettingName, SourceSpan.From(symbol), text, function, $"'{corrected}'"));
    }

    /// <summary>
    /// Checks a name. A valid text replaces each setting in the name, such as <c>%Queue%</c>, because the setting's value is unknown.
    /// </summary>
    private static bool IsValidName(string name) => ValidName.IsMatch(Setting.Replace(name, "000"));
}
