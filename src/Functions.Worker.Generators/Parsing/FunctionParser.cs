using System.Text.RegularExpressions;
using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Reads one <c>[Function]</c> method, finding everything that is wrong with it at once.</summary>
internal sealed class FunctionParser
{
    private static readonly Regex ValidName = new("^(?!host$)[a-z][a-z0-9_-]{0,127}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private readonly IMethodSymbol _method;
    private readonly string _name;
    private readonly List<Finding> _findings = [];

    private FunctionParser(IMethodSymbol method, string name)
    {
        _method = method;
        _name = name;
    }

    public static ParsedFunction Parse(IMethodSymbol method, AttributeData attribute)
    {
        var name = attribute.ConstructorArguments.Length == 1 ? attribute.ConstructorArguments[0].Value as string : null;
        var parser = new FunctionParser(method, name ?? "");
        var function = parser.Run();
        var isValid = parser._findings.Count == 0;
        return new ParsedFunction(isValid ? function : null, SourceSpan.From(method), new EquatableArray<Finding>(parser._findings));
    }

    private FunctionModel? Run()
    {
        if (!ValidName.IsMatch(_name))
            Add(Rules.FunctionName, _name);
        var target = TargetParser.Parse(_method, _findings);
        var result = ParseResult();
        var triggers = _method.Parameters.SelectMany(p => HttpTriggerParser.Triggers(p).Select(t => (Parameter: p, Trigger: t))).ToList();
        if (triggers.Count == 0)
            Add(Rules.NoTrigger, _name);
        if (triggers.Count > 1)
            Add(Rules.SeveralTriggers, _name);
        if (triggers.Count != 1)
            return null;

        var http = HttpTriggerParser.Parse(_name, triggers[0].Parameter, triggers[0].Trigger, _findings, out var route);
        var parameters = route is null ? [] : new ParameterParser(_name, http.Route ?? _name, route, _findings).Parse(_method.Parameters);
        return new FunctionModel(_name, EntryPoint(), target, http, new EquatableArray<ParameterModel>(parameters), result);
    }

    private ResultKind ParseResult()
    {
        switch (_method.ReturnType.PlainNameWithNull())
        {
            case TypeNames.Result: return ResultKind.Result;
            case TypeNames.TaskOfResult: return ResultKind.TaskOfResult;
            case TypeNames.ValueTaskOfResult: return ResultKind.ValueTaskOfResult;
            case TypeNames.Task: return ResultKind.Task;
            default:
                Add(Rules.ReturnType, _name, _method.ReturnType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat));
                return ResultKind.Task;
        }
    }

    private string EntryPoint() => $"{_method.ContainingType.PlainName()}.{_method.Name}";

    private void Add(DiagnosticDescriptor rule, params string[] arguments) =>
        _findings.Add(Finding.Of(rule, SourceSpan.From(_method), arguments));
}
