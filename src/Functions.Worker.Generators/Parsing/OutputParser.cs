using System.Text.RegularExpressions;
using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Parses the output bindings that receive the result of a queue function.</summary>
internal sealed class OutputParser(string function, string triggerBinding, List<Finding> findings)
{
    private const string NoOutput =
        "return void, Task or ValueTask, or put [QueueOutput] on the method or on properties of the returned type";

    // The rule of the Functions host for the names of bindings. Underscores are not valid.
    private static readonly Regex BindingName = new("^[A-Za-z][A-Za-z0-9]{0,127}$", RegexOptions.CultureInvariant);

    public static AttributeData? FindOutputAttribute(ISymbol symbol) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.FullName() == TypeNames.QueueOutputAttribute);

    public static IEnumerable<IPropertySymbol> FindOutputProperties(ITypeSymbol? type)
    {
        for (var current = type; current is not null; current = current.BaseType)
        {
            foreach (var property in current.GetMembers().OfType<IPropertySymbol>().Where(p => FindOutputAttribute(p) is not null))
                yield return property;
        }
    }

    public EquatableArray<OutputModel> Parse(IMethodSymbol method, ReturnType result)
    {
        var properties = FindOutputProperties(result.Value).ToList();
        if (FindOutputAttribute(method) is { } output)
            return new([.. ParseReturn(method, result, output, properties.Count > 0)]);
        if (result.Value is null)
            return new([]);

        if (properties.Count == 0)
            findings.Add(Finding.Create(Rules.ReturnType, SourceSpan.From(method), function, FormatShort(method.ReturnType), NoOutput));
        else if (!result.Value.IsReferenceType)
            ReportOutput(method, $"'{FormatShort(result.Value)}' is a struct: make it a class");
        foreach (var duplicate in properties.GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            ReportOutput(
                duplicate.Last(), $"the host ignores the case of output names, and '{duplicate.Key}' is used twice: rename one");
        }

        return new([.. properties.Select(ParseProperty).OfType<OutputModel>()]);
    }

    private IEnumerable<OutputModel> ParseReturn(IMethodSymbol method, ReturnType result, AttributeData output, bool hasProperties)
    {
        var queue = QueueParser.Parse(function, method, output, findings);
        if (result.Value is null)
            ReportOutput(method, "the method returns nothing: return the message to send");
        else if (hasProperties)
            ReportOutput(method, "it is both on the method and on properties of the returned type: keep one of them");
        else if (FindForm(method, result.Value) is { } form)
            yield return new OutputModel("$return", queue, null, form, result.Value.GlobalName());
    }

    private OutputModel? ParseProperty(IPropertySymbol property)
    {
        var queue = QueueParser.Parse(function, property, FindOutputAttribute(property)!, findings);
        if (property.IsStatic || property.IsIndexer || property.DeclaredAccessibility != Accessibility.Public
            || property.GetMethod is not { DeclaredAccessibility: Accessibility.Public })
        {
            ReportOutput(property, $"make property '{property.Name}' public, with a public getter, and not static");
        }

        if (!BindingName.IsMatch(property.Name) || string.Equals(property.Name, triggerBinding, StringComparison.OrdinalIgnoreCase))
            ReportOutput(property, $"the host refuses '{property.Name}': use letters and digits only, and not the name '{triggerBinding}'");

        return FindForm(property, property.Type) is { } form
            ? new OutputModel(property.Name, queue, property.Name, form, property.Type.GlobalName())
            : null;
    }

    private OutputForm? FindForm(ISymbol symbol, ITypeSymbol type)
    {
        var form = MessageTypes.FindForm(type);
        if (form is null)
            findings.Add(Finding.Create(Rules.OutputType, SourceSpan.From(symbol), function, FormatShort(type)));
        return form;
    }

    private void ReportOutput(ISymbol symbol, string reason) =>
        findings.Add(Finding.Create(Rules.Output, SourceSpan.From(symbol), function, reason));

    private static string FormatShort(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
}
