using Functions.Worker.Registry;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>
/// Checks whether a setting turns off a function. As in a Functions host, a function is off when the setting
/// <c>AzureWebJobs.&lt;function&gt;.Disabled</c> is <c>true</c> or <c>1</c>. The name of the setting may have double underscores instead of
/// the dots.
/// </summary>
internal static class DisabledFunctions
{
    public static bool IsDisabled(FunctionDescriptor function, IConfiguration settings) =>
        (settings[$"AzureWebJobs:{function.Name}:Disabled"] ?? settings[$"AzureWebJobs.{function.Name}.Disabled"]) is { } value
        && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));
}
