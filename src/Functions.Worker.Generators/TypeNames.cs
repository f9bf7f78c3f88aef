namespace Functions.Worker.Generators;

/// <summary>The names of the types of the worker, of ASP.NET Core and of .NET that the generator uses.</summary>
internal static class TypeNames
{
    public const string FunctionAttribute = "Microsoft.Azure.Functions.Worker.FunctionAttribute";
    public const string HttpTriggerAttribute = "Microsoft.Azure.Functions.Worker.HttpTriggerAttribute";
    public const string QueueTriggerAttribute = "Microsoft.Azure.Functions.Worker.QueueTriggerAttribute";
    public const string QueueOutputAttribute = "Microsoft.Azure.Functions.Worker.QueueOutputAttribute";
    public const string AuthorizationLevel = "Microsoft.Azure.Functions.Worker.AuthorizationLevel";
    public const string FunctionContext = "Microsoft.Azure.Functions.Worker.FunctionContext";
    public const string HttpContext = "Microsoft.AspNetCore.Http.HttpContext";
    public const string HttpRequest = "Microsoft.AspNetCore.Http.HttpRequest";
    public const string Result = "Microsoft.AspNetCore.Http.IResult";
    public const string CancellationToken = "System.Threading.CancellationToken";
    public const string DateTimeOffset = "System.DateTimeOffset";
    public const string Memory = "System.ReadOnlyMemory<byte>";
    public const string Task = "System.Threading.Tasks.Task";
    public const string ValueTask = "System.Threading.Tasks.ValueTask";
    public const string JsonSerializableAttribute = "System.Text.Json.Serialization.JsonSerializableAttribute";
    public const string JsonSerializerContext = "System.Text.Json.Serialization.JsonSerializerContext";
}
