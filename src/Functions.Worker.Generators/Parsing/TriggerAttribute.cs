using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

internal static class TriggerAttribute
{
    /// <summary>The triggers of every kind that stand on a parameter.</summary>
    public static IEnumerable<AttributeData> On(IParameterSymbol parameter) => parameter.GetAttributes().Where(
        a => a.Name() is TypeNames.HttpTriggerAttribute or TypeNames.QueueTriggerAttribute);

    public static string? Name(this AttributeData attribute) => attribute.AttributeClass?.ToDisplayString();

    /// <summary>The value of a property set in an attribute.</summary>
    public static object? Named(this AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.Key == name).Value.Value;

    /// <summary>The only constructor argument of an attribute that takes one text.</summary>
    public static string Text(this AttributeData attribute) =>
        (attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string : null) ?? "";
}
