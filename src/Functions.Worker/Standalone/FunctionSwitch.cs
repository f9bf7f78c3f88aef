using Functions.Worker.Registry;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>
/// Functions that a setting turns off. Name and values are those of a Functions host: <c>AzureWebJobs.&lt;function&gt;.Disabled</c>, or
/// with double underscores, is <c>true</c> or <c>1</c>.
/// </summary>
internal static class FunctionSwitch
{
    public static bool IsOff(FunctionDescriptor function, IConfiguration settings) =>
        (settings[$"AzureWebJobs:{function.Name}:Disabled"] ?? settings[$"AzureWebJobs.{function.Name}.Disabled"]) is { } value
        && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));
}
