using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Functions;

public sealed partial class QueueFunctions(ILogger<QueueFunctions> logger)
{
    [Function("Copy")]
    [QueueOutput("copies")]
    public string Copy([QueueTrigger("originals")] string message, string id, long dequeueCount)
    {
        Copied(message);
        return $"{message} {id.Length > 0} {dequeueCount}";
    }

    [LoggerMessage(LogLevel.Information, "Copied {Message}")]
    private partial void Copied(string message);
}
