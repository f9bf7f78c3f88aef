using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Functions;

public static class ContextFunctions
{
    [Function("Context")]
    public static IResult Describe(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "context/{topic}")] HttpRequest request, FunctionContext context)
    {
        context.GetLogger("Mine").Log(LogLevel.Warning, default, "Seen.", null, static (text, _) => text);
        return Results.Text(Describe(context, "topic"));
    }

    /// <summary>Reads the members of Microsoft's abstract classes that the other functions do not read.</summary>
    public static string Describe(FunctionContext context, string data)
    {
        context.Features.Set(new Version(1, 2));
        var inputs =
            context.FunctionDefinition.InputBindings.Values.Select(binding => $"{binding.Name}:{binding.Type}:{binding.Direction}");
        var outputs =
            context.FunctionDefinition.OutputBindings.Values.Select(binding => $"{binding.Name}:{binding.Type}:{binding.Direction}");
        return $"{context.BindingContext.BindingData[data]} {context.Features.Get<Version>()} {context.Features.Get<string>() is null} "
            + $"{context.Features.Single().Key.Name} {string.Join(',', inputs)} {string.Join(',', outputs)}";
    }
}
