using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Functions.Worker.Generators.Model;

/// <summary>A location that is compared by value. A <see cref="Location"/> would keep its syntax tree alive in the pipeline.</summary>
internal sealed record SourceSpan(string Path, TextSpan Text, LinePositionSpan Lines)
{
    public static SourceSpan? From(ISymbol symbol) =>
        symbol.Locations.FirstOrDefault() is { SourceTree: { } tree } location
            ? new SourceSpan(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span)
            : null;

    public Location ToLocation() => Location.Create(Path, Text, Lines);
}
