namespace Functions.Worker.Generators.Model;

/// <summary>The properties of one function that the emitted source depends on. Type names are fully qualified.</summary>
internal sealed record FunctionModel(
    string Name,
    string EntryPoint,
    FunctionTarget Target,
    TriggerModel Trigger,
    EquatableArray<ParameterModel> Parameters,
    ResultModel Result)
{
    /// <summary>
    /// The types that the function reads or writes as JSON, which need code of System.Text.Json's source generator in the app.
    /// </summary>
    public IEnumerable<string> JsonTypes => Parameters
        .Where(parameter => parameter.Kind == ParameterKind.MessageJson)
        .Select(parameter => parameter.Source!)
        .Concat(Result.Outputs.Where(output => output.Form == OutputForm.Json).Select(output => output.Type))
        .Distinct();
}
