namespace Functions.Worker.Generators.Model;

internal enum ResultKind
{
    Result,
    TaskOfResult,
    ValueTaskOfResult,
    Task,
}
