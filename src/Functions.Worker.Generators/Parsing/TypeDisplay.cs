using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Formats the names of types and methods.</summary>
internal static class TypeDisplay
{
    private static readonly SymbolDisplayFormat Plain =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>Returns namespace and name, as <see cref="TypeNames"/> contains them, without the nullability of references.</summary>
    public static string PlainName(this ITypeSymbol type) => type.ToDisplayString(Plain);

    /// <summary>Returns the same as <see cref="PlainName"/>, with a '?' where null is allowed.</summary>
    public static string PlainNameWithNull(this ITypeSymbol type) =>
        type.ToDisplayString(Plain.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));

    /// <summary>Returns the name for emitted code, which no namespace of the app can hide.</summary>
    public static string GlobalName(this ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary>Returns the name for emitted code, escaped if it is a keyword.</summary>
    public static string EscapedName(this IMethodSymbol method) =>
        SyntaxFacts.GetKeywordKind(method.Name) == SyntaxKind.None ? method.Name : $"@{method.Name}";
}
