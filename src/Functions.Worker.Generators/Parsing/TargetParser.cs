using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Parses the method of a function, and the constructor that creates an instance of its class.</summary>
internal static class TargetParser
{
    public static FunctionTarget Parse(IMethodSymbol method, List<Finding> findings)
    {
        var type = method.ContainingType;
        if (method.MethodKind != MethodKind.Ordinary || method.IsAbstract || method.IsGenericMethod
            || method.DeclaredAccessibility != Accessibility.Public)
        {
            findings.Add(Finding.Create(Rules.FunctionMethod, SourceSpan.From(method), method.Name));
        }

        if (FindProblem(type, method.IsStatic) is { } problem)
        {
            findings.Add(Finding.Create(Rules.FunctionClass, SourceSpan.From(method), type.Name, problem));
            return new FunctionTarget("", "", null);
        }

        return new FunctionTarget(type.GlobalName(), method.EscapedName(), method.IsStatic ? null : ParseConstructor(method, findings));
    }

    private static string? FindProblem(INamedTypeSymbol type, bool isStatic)
    {
        for (var outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.DeclaredAccessibility != Accessibility.Public)
                return "make it and its containing types public";
            if (outer.IsGenericType)
                return "remove its type parameters and those of its containing types";
        }

        if (isStatic)
            return null;
        if (type.TypeKind != TypeKind.Class || type.IsAbstract)
            return "make it a class that is not abstract";

        return type.AllInterfaces.Any(i => i.PlainName() is "System.IDisposable" or "System.IAsyncDisposable")
            ? "an instance lives for one call and is not disposed, so get disposable objects from the service container"
            : null;
    }

    private static EquatableArray<string> ParseConstructor(IMethodSymbol method, List<Finding> findings)
    {
        var type = method.ContainingType;
        var constructors = type.InstanceConstructors.Where(c => c.DeclaredAccessibility == Accessibility.Public).ToList();
        var problem = constructors.Count switch
        {
            0 => "it has no public constructor: add one",
            1 => null,
            _ => "it has several public constructors: keep one",
        };
        var parameters = constructors.Count == 1 ? constructors[0].Parameters : [];
        if (parameters.FirstOrDefault(p => p.RefKind != RefKind.None || p.Type.IsValueType || p.Type.IsRefLikeType) is { } invalid)
            problem = $"parameter '{invalid.Name}' is not a service: use a reference type, passed by value";
        if (parameters.FirstOrDefault(HasKey) is { } keyedService)
        {
            problem =
                $"parameter '{keyedService.Name}' needs a keyed service, which is not supported: register it under a separate type";
        }

        if (problem is not null)
            findings.Add(Finding.Create(Rules.Constructor, SourceSpan.From(method), type.Name, problem));

        return new EquatableArray<string>(parameters.Select(parameter => parameter.Type.GlobalName()));
    }

    private static bool HasKey(IParameterSymbol parameter) =>
        parameter.GetAttributes().Any(attribute => attribute.AttributeClass?.Name is "FromKeyedServicesAttribute" or "ServiceKeyAttribute");
}
