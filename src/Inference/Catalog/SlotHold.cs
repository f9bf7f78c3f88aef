namespace Inference.Catalog;

/// <summary>Keeps a version in memory until the hold is disposed. <see cref="ModelSlot.Hold"/> creates the hold.</summary>
internal sealed class SlotHold(Action release) : IDisposable
{
    private Action? _release = release;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
