using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>The metadata of a message. Names ignore case. The metadata is copied on first use, because few functions read it.</summary>
internal sealed class MessageBindings(IReadOnlyDictionary<string, string> metadata) : BindingContext
{
    private Dictionary<string, object?>? _data;

    public override IReadOnlyDictionary<string, object?> BindingData =>
        _data ??= metadata.ToDictionary(entry => entry.Key, object? (entry) => entry.Value, StringComparer.OrdinalIgnoreCase);
}
