using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Microsoft.Extensions.Configuration;
using StorageAccounts;

namespace Functions.Worker.Standalone.Queues;

/// <summary>A function with a queue trigger, its queues found.</summary>
/// <param name="Outputs">The output queues by the names of their bindings.</param>
internal sealed record QueueFunction(
    FunctionDescriptor Descriptor, MessageFunction Invoke, QueueAddress Queue, IReadOnlyDictionary<string, QueueAddress> Outputs)
{
    public string Name => Descriptor.Name;

    /// <exception cref="StartupException">A queue's name cannot be found.</exception>
    public static QueueFunction From(FunctionDescriptor function, IConfiguration configuration)
    {
        var trigger = function.Message!;
        var outputs = trigger.Outputs.ToDictionary(output => output.Name, Address, StringComparer.Ordinal);
        return new(function, trigger.Invoke, Address(trigger.Queue), outputs);

        QueueAddress Address(QueueBinding binding) =>
            new(binding.Connection, QueueName.Resolve(function.Name, binding.QueueName, configuration));
    }

    /// <summary>The first connection of the function that is not set; null when all are.</summary>
    public static string? MissingConnection(FunctionDescriptor function, IConfiguration configuration) =>
        function.Message!.Outputs
            .Prepend(function.Message.Queue!)
            .Select(binding => binding.Connection)
            .FirstOrDefault(connection => !new StorageAccount(configuration, connection).IsSet);
}
