using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Model;

/// <summary>A diagnostic that is compared by value and reported at the end of the pipeline.</summary>
internal sealed record Finding(DiagnosticDescriptor Rule, SourceSpan? Span, EquatableArray<string> Arguments)
{
    public static Finding Create(DiagnosticDescriptor rule, SourceSpan? span, params string[] arguments) =>
        new(rule, span, new EquatableArray<string>(arguments));

    public Diagnostic ToDiagnostic() =>
        Diagnostic.Create(Rule, Span?.ToLocation() ?? Location.None, [.. Arguments.Cast<object?>()]);
}
