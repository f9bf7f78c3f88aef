namespace Functions.Worker.Generators.Model;

/// <summary>Everything the emitted source says about one function. Type names are fully qualified.</summary>
internal sealed record FunctionModel(
    string Name,
    string EntryPoint,
    FunctionTarget Target,
    HttpTriggerModel Http,
    EquatableArray<ParameterModel> Parameters,
    ResultKind Result);
