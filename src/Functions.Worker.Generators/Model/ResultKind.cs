namespace Functions.Worker.Generators.Model;

internal enum ResultKind
{
    Nothing,
    Task,
    ValueTask,
    Value,
    TaskOfValue,
    ValueTaskOfValue,
}
