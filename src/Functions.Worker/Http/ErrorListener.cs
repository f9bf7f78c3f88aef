namespace Functions.Worker.Http;

/// <summary>
/// Receives the errors that the worker itself sends to clients, for example 401, 404 and 500, so that the app can count them. Register each
/// listener as a service of this type.
/// </summary>
/// <param name="notify">Receives the code of the error, as in the response's header <c>Inference-Error-Code</c>.</param>
public sealed class ErrorListener(Action<string> notify)
{
    internal void Notify(string code) => notify(code);
}
