namespace Functions.Worker.Generators.Model;

/// <summary>How emitted code awaits a function, and whether the function returns a value.</summary>
internal enum ResultKind
{
    Nothing,
    Task,
    ValueTask,
    Value,
    TaskOfValue,
    ValueTaskOfValue,
}
