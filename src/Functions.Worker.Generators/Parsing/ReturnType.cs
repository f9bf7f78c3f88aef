using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>A return type, split into the kind of result and the type of the value.</summary>
internal sealed class ReturnType
{
    private ReturnType(ResultKind kind, ITypeSymbol? value)
    {
        Kind = kind;
        Value = value;
    }

    public ResultKind Kind { get; }

    /// <summary>The type of the value; null when there is none.</summary>
    public ITypeSymbol? Value { get; }

    public static ReturnType From(IMethodSymbol method)
    {
        var type = method.ReturnType;
        var argument = (type as INamedTypeSymbol)?.TypeArguments.FirstOrDefault();
        return type.OriginalDefinition.PlainName() switch
        {
            "void" => new ReturnType(ResultKind.Void, null),
            TypeNames.Task => new ReturnType(ResultKind.Task, null),
            TypeNames.ValueTask => new ReturnType(ResultKind.ValueTask, null),
            $"{TypeNames.Task}<TResult>" => new ReturnType(ResultKind.TaskOfValue, argument),
            $"{TypeNames.ValueTask}<TResult>" => new ReturnType(ResultKind.ValueTaskOfValue, argument),
            _ => new ReturnType(ResultKind.Value, type),
        };
    }
}
