using Inference.Compute;

namespace Inference.Onnx.Tests;

/// <summary>Holds slots of a governor until disposal, so that work that needs all slots must wait.</summary>
internal sealed class BusySlots : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _leave = new();
    private readonly Task<bool> _run;

    public BusySlots(Governor governor, int slots)
    {
        using var entered = new ManualResetEventSlim();
        _run = new BackgroundJob(governor).RunAsync(
            () =>
            {
                entered.Set();
                return _leave.Wait(TimeSpan.FromMinutes(1));
            },
            slots,
            CancellationToken.None);
        Assert.True(entered.Wait(Patience));
    }

    public void Dispose()
    {
        _leave.Set();
        Assert.True(_run.Wait(Patience));
        _leave.Dispose();
    }
}
