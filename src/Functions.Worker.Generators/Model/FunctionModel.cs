namespace Functions.Worker.Generators.Model;

/// <summary>Everything the emitted source says about one function. Type names are fully qualified.</summary>
internal sealed record FunctionModel(
    string Name,
    string EntryPoint,
    FunctionTarget Target,
    TriggerModel Trigger,
    EquatableArray<ParameterModel> Parameters,
    ResultModel Result)
{
    /// <summary>The types for which the app must have JSON code.</summary>
    public IEnumerable<string> JsonTypes => Parameters
        .Where(p => p.Kind == ParameterKind.MessageJson)
        .Select(p => p.Source!)
        .Concat(Result.Outputs.Where(o => o.Form == OutputForm.Json).Select(o => o.Type))
        .Distinct();
}
