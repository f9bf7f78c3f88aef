namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Sends messages to a queue: on a function, what it returns; on properties of what it returns, each of them. Null sends nothing.
/// Text that is a JSON array becomes one message per item, and the Functions host may write other JSON anew, so text that must
/// arrive as it is goes into an array of strings.
/// </summary>
/// <param name="queueName">
/// The queue, or <c>%setting%</c> for one named by a setting. A setting in a section is <c>%Section:Name%</c>, never <c>%Section__Name%</c>.
/// </param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public sealed class QueueOutputAttribute(string queueName) : Attribute
{
    public string QueueName { get; } = queueName;

    /// <summary>The setting, or prefix of settings, of the storage account; AzureWebJobsStorage when not set.</summary>
    public string? Connection { get; set; }
}
