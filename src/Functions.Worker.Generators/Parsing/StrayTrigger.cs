using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Finds triggers and outputs of methods without <c>[Function]</c>. The worker would never call such a method.</summary>
internal static class StrayTrigger
{
    /// <param name="symbol">The symbol with the attribute: a parameter or the method.</param>
    public static Finding? Find(ISymbol symbol)
    {
        var method = symbol as IMethodSymbol ?? symbol.ContainingSymbol;
        return method.GetAttributes().Any(attribute => attribute.FullName() == TypeNames.FunctionAttribute)
            ? null
            : Finding.Create(Rules.NotAFunction, SourceSpan.From(symbol), method.Name);
    }
}
