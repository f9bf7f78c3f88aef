namespace Functions.Worker.Generators.Model;

/// <summary>How emitted code awaits a function, and whether the function returns a value.</summary>
internal enum ResultKind
{
    Void,
    Task,
    ValueTask,
    Value,
    TaskOfValue,
    ValueTaskOfValue,
}
