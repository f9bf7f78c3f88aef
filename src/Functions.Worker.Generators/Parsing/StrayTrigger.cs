using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Finds triggers on methods without <c>[Function]</c>, which would otherwise never be called.</summary>
internal static class StrayTrigger
{
    public static Finding? Find(ISymbol parameter)
    {
        var owner = parameter.ContainingSymbol;
        return owner.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == TypeNames.FunctionAttribute)
            ? null
            : Finding.Of(Rules.NotAFunction, SourceSpan.From(parameter), owner.Name);
    }
}
