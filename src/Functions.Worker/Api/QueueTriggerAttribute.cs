namespace Microsoft.Azure.Functions.Worker;

/// <summary>Calls the function for each message of a queue. Stands on the parameter that receives the message.</summary>
/// <param name="queueName">
/// The queue, or <c>%setting%</c> for one named by a setting. A setting in a section is <c>%Section:Name%</c>, never <c>%Section__Name%</c>.
/// </param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class QueueTriggerAttribute(string queueName) : Attribute
{
    public string QueueName { get; } = queueName;

    /// <summary>The setting, or prefix of settings, of the storage account; AzureWebJobsStorage when not set.</summary>
    public string? Connection { get; set; }
}
