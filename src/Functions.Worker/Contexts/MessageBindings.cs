using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>
/// The metadata of a message by name, ignoring case. The dictionary is created on first use, because few functions read metadata.
/// </summary>
internal sealed class MessageBindings(IReadOnlyDictionary<string, string> metadata) : BindingContext
{
    private Dictionary<string, object?>? _data;

    public override IReadOnlyDictionary<string, object?> BindingData =>
        _data ??= metadata.ToDictionary(entry => entry.Key, object? (entry) => entry.Value, StringComparer.OrdinalIgnoreCase);
}
