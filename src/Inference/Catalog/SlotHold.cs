namespace Inference.Catalog;

/// <summary>Keeps a version in memory until it is disposed; from <see cref="ModelSlot.Hold"/>.</summary>
internal sealed class SlotHold(Action release) : IDisposable
{
    private Action? _release = release;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
