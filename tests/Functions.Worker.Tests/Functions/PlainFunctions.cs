using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.Tests.Functions;

public static class PlainFunctions
{
    [Function("Ping")]
    public static IResult Ping([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "ping")] HttpRequest request) =>
        Results.Text("pong");

    [Function("Any")]
    public static ValueTask<IResult> Any([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
        ValueTask.FromResult(Results.Text(request.Method));

    [Function("Echo")]
    public static async Task<IResult> Echo([HttpTrigger(AuthorizationLevel.Anonymous, "post", "put", Route = "echo")] HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return Results.Text(await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
    }

    [Function("Item")]
    public static IResult Item(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "items/{id}")] HttpRequest request, int id) =>
        Results.Text($"item {id}");

    [Function("Big")]
    public static async Task Big(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "big/{id}")] HttpRequest request, long id) =>
        await request.HttpContext.Response.WriteAsync($"big {id}");

    [Function("Name")]
    public static IResult Name(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "names/{first}/{last?}")] HttpRequest request, string first,
        string? last) =>
        Results.Text($"{first}|{last ?? "none"}");

    [Function("About")]
    public static IResult About(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "about")] HttpRequest request, FunctionContext context)
    {
        var definition = context.FunctionDefinition;
        context.Items["seen"] = true;
        return Results.Text(
            $"{definition.Name} {definition.EntryPoint} {context.FunctionId == definition.Id} {Guid.TryParse(context.InvocationId, out _)}");
    }

    [Function("Setting")]
    public static IResult Setting(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "settings/{name}")] HttpRequest request, string name,
        FunctionContext context) =>
        Results.Text(context.InstanceServices.GetRequiredService<IConfiguration>()[name] ?? "unset");
}
