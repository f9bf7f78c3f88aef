using System.Text.RegularExpressions;
using Functions.Worker.Generators.Emit;
using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Parses one <c>[Function]</c> method and reports all of its problems at once.</summary>
internal sealed class FunctionParser
{
    // The rule of the Functions host for the names of functions.
    private static readonly Regex ValidName =
        new("^(?!host$)[a-z][a-z0-9_-]{0,127}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

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
        var parser = new FunctionParser(method, attribute.GetOnlyArgument());
        var function = parser.Run();
        var isValid = parser._findings.Count == 0;
        return new ParsedFunction(isValid ? function : null, SourceSpan.From(method), new EquatableArray<Finding>(parser._findings));
    }

    private FunctionModel? Run()
    {
        if (!ValidName.IsMatch(_name))
            Add(Rules.FunctionName, _name);
        var target = TargetParser.Parse(_method, _findings);
        var triggers =
            _method.Parameters.SelectMany(p => TriggerAttributes.FindTriggers(p).Select(t => (Parameter: p, Trigger: t))).ToList();
        if (triggers.Count == 0)
            Add(Rules.NoTrigger, _name);
        if (triggers.Count > 1)
            Add(Rules.SeveralTriggers, _name);
        if (triggers.Count != 1)
            return null;

        var (parameter, trigger) = triggers[0];
        return trigger.FullName() == TypeNames.HttpTriggerAttribute
            ? ParseHttp(target, parameter, trigger)
            : ParseMessage(target, parameter, trigger);
    }

    private FunctionModel ParseHttp(FunctionTarget target, IParameterSymbol parameter, AttributeData trigger)
    {
        var kind = ParseHttpResult();
        var http = HttpTriggerParser.Parse(_name, parameter, trigger, _findings, out var route);
        var parameters = route is null
            ? []
            : new HttpParameterParser(_name, http.Route ?? _name, route, _findings).Parse(_method.Parameters);
        return CreateModel(target, http, parameters, new ResultModel(kind, new EquatableArray<OutputModel>([])));
    }

    private FunctionModel ParseMessage(FunctionTarget target, IParameterSymbol parameter, AttributeData trigger)
    {
        var parameters = new MessageParameterParser(_name, _findings).Parse(_method.Parameters).ToList();
        var model = new QueueTriggerModel(
            QueueParser.Parse(_name, parameter, trigger, _findings),
            parameters.Exists(argument => argument.Kind is ParameterKind.MessageBytes or ParameterKind.MessageMemory));

        var result = ReturnType.From(_method);
        if (result.Kind == ResultKind.Void && _method.IsAsync)
            ReportReturnType("return Task, because nothing can wait for 'async void'");
        var outputs = new OutputParser(_name, BindingJson.GetTriggerName(model), _findings).Parse(_method, result);
        return CreateModel(target, model, parameters, new ResultModel(result.Kind, outputs));
    }

    private ResultKind ParseHttpResult()
    {
        var result = ReturnType.From(_method);
        if (OutputParser.FindOutputAttribute(_method) is not null || OutputParser.FindOutputProperties(result.Value).Any())
            Add(Rules.HttpOutput, _name);
        else if (result.Kind is not ResultKind.Task && result.Value?.PlainNameWithNull() != TypeNames.Result)
            ReportReturnType("return IResult, Task<IResult>, ValueTask<IResult>, or Task when it writes the response itself");
        return result.Kind;
    }

    private FunctionModel CreateModel(
        FunctionTarget target, TriggerModel trigger, IEnumerable<ParameterModel> parameters, ResultModel result)
    {
        var entryPoint = $"{_method.ContainingType.PlainName()}.{_method.Name}";
        return new FunctionModel(_name, entryPoint, target, trigger, new EquatableArray<ParameterModel>(parameters), result);
    }

    private void ReportReturnType(string reason) =>
        Add(Rules.ReturnType, _name, _method.ReturnType.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat), reason);

    private void Add(DiagnosticDescriptor rule, params string[] arguments) =>
        _findings.Add(Finding.Create(rule, SourceSpan.From(_method), arguments));
}
