using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Reads attributes of triggers and outputs.</summary>
internal static class TriggerAttributes
{
    /// <summary>Returns the trigger attributes of a parameter.</summary>
    public static IEnumerable<AttributeData> FindTriggers(IParameterSymbol parameter) => parameter.GetAttributes().Where(
        attribute => attribute.FullName() is TypeNames.HttpTriggerAttribute or TypeNames.QueueTriggerAttribute);

    public static string? FullName(this AttributeData attribute) => attribute.AttributeClass?.ToDisplayString();

    /// <summary>Returns the value of a property that an attribute sets; null when the attribute does not set the property.</summary>
    public static object? GetNamedValue(this AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value;

    /// <summary>Returns the text that is the only constructor argument of an attribute; empty for any other arguments.</summary>
    public static string GetOnlyArgument(this AttributeData attribute) =>
        (attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string : null) ?? "";
}
