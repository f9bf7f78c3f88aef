using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Azure.Storage.Queues.Models;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// The metadata that a Functions host would send with a message. Each value is created when it is read, because few functions read
/// metadata.
/// </summary>
internal sealed class QueueMetadata(QueueMessage message, ReadOnlyMemory<byte> body) : IReadOnlyDictionary<string, string>
{
    private static readonly (string Name, Func<QueueMetadata, string> Read)[] Entries =
    [
        ("Id", m => m._message.MessageId),
        ("DequeueCount", m => m._message.DequeueCount.ToString(CultureInfo.InvariantCulture)),
        ("PopReceipt", m => m._message.PopReceipt),
        ("InsertionTime", m => FormatTime(m._message.InsertedOn)),
        ("ExpirationTime", m => FormatTime(m._message.ExpiresOn)),
        ("NextVisibleTime", m => FormatTime(m._message.NextVisibleOn)),
        ("QueueTrigger", m => Encoding.UTF8.GetString(m._body.Span)),
    ];

    private readonly QueueMessage _message = message;
    private readonly ReadOnlyMemory<byte> _body = body;

    public int Count => Entries.Length;

    public IEnumerable<string> Keys => Entries.Select(entry => entry.Name);

    public IEnumerable<string> Values => Entries.Select(entry => entry.Read(this));

    public string this[string key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"A queue message has no '{key}'.");

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        foreach (var (name, read) in Entries)
        {
            if (name.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                value = read(this);
                return true;
            }
        }

        value = null;
        return false;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        Entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Read(this))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Formats a time. A missing time becomes the maximum value, as in the Functions host.</summary>
    private static string FormatTime(DateTimeOffset? time) => (time ?? DateTimeOffset.MaxValue).ToString("O", CultureInfo.InvariantCulture);
}
