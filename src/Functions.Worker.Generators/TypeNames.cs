namespace Functions.Worker.Generators;

/// <summary>The types of the public API and of ASP.NET Core that the generator knows by name.</summary>
internal static class TypeNames
{
    public const string FunctionAttribute = "Microsoft.Azure.Functions.Worker.FunctionAttribute";
    public const string HttpTriggerAttribute = "Microsoft.Azure.Functions.Worker.HttpTriggerAttribute";
    public const string AuthorizationLevel = "Microsoft.Azure.Functions.Worker.AuthorizationLevel";
    public const string FunctionContext = "Microsoft.Azure.Functions.Worker.FunctionContext";
    public const string HttpContext = "Microsoft.AspNetCore.Http.HttpContext";
    public const string HttpRequest = "Microsoft.AspNetCore.Http.HttpRequest";
    public const string Result = "Microsoft.AspNetCore.Http.IResult";
    public const string CancellationToken = "System.Threading.CancellationToken";
    public const string Task = "System.Threading.Tasks.Task";
    public const string TaskOfResult = $"{Task}<{Result}>";
    public const string ValueTaskOfResult = $"System.Threading.Tasks.ValueTask<{Result}>";
}
