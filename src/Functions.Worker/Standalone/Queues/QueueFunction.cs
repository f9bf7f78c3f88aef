using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Functions.Worker.Standalone.Queues;

/// <summary>A function with a queue trigger and the resolved names of its queues.</summary>
/// <param name="Outputs">The output queues by the names of their bindings.</param>
internal sealed record QueueFunction(
    FunctionDescriptor Descriptor, MessageFunction Invoke, QueueAddress Queue, IReadOnlyDictionary<string, QueueAddress> Outputs)
{
    public string Name => Descriptor.Name;

    /// <summary>Resolves the names of the function's queues.</summary>
    /// <exception cref="StartupException">The name of a queue cannot be resolved or is not valid.</exception>
    public static QueueFunction From(FunctionDescriptor function, IConfiguration configuration)
    {
        var trigger = function.Message!;
        var outputs = trigger.Outputs.ToDictionary(output => output.Name, ResolveAddress, StringComparer.Ordinal);
        return new(function, trigger.Invoke, ResolveAddress(trigger.Queue), outputs);

        QueueAddress ResolveAddress(QueueBinding binding) =>
            new(binding.Connection, QueueName.Resolve(function.Name, binding.QueueName, configuration));
    }

    /// <summary>Finds the first connection of the function that is not set; returns null when all are set.</summary>
    public static string? FindMissingConnection(FunctionDescriptor function, IConfiguration configuration) =>
        function.Message!.Outputs
            .Prepend(function.Message.Queue)
            .Select(binding => binding.Connection)
            .FirstOrDefault(connection => !new StorageAccount(configuration, connection).IsSet);
}
