using System.Collections.Immutable;
using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Reads the <c>[JsonSerializable]</c> attributes of a class, if emitted code can use the class.</summary>
internal static class JsonContextParser
{
    public static EquatableArray<JsonType> Parse(INamedTypeSymbol type, ImmutableArray<AttributeData> attributes) =>
        new(IsContext(type) && IsAccessible(type)
            ? GetTypes(attributes).Select(jsonType => new JsonType(jsonType.GlobalName(), type.GlobalName()))
            : []);

    private static IEnumerable<ITypeSymbol> GetTypes(ImmutableArray<AttributeData> attributes) =>
        attributes.Select(attribute => attribute.ConstructorArguments.FirstOrDefault().Value).OfType<ITypeSymbol>();

    private static bool IsContext(INamedTypeSymbol type) => type.BaseType?.PlainName() == TypeNames.JsonSerializerContext;

    private static bool IsAccessible(INamedTypeSymbol type)
    {
        for (var outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal))
                return false;
        }

        return true;
    }
}
