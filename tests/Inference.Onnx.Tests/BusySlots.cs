using Inference.Compute;
using Inference.Testing;

namespace Inference.Onnx.Tests;

/// <summary>Holds slots of a governor until disposal, so that work that needs all slots must wait.</summary>
internal sealed class BusySlots : IDisposable
{
    private readonly ManualResetEventSlim _leave = new();
    private readonly Task<bool> _run;

    public BusySlots(Governor governor, int slots)
    {
        using var entered = new ManualResetEventSlim();
        _run = new BackgroundJob(governor).RunAsync(
            () =>
            {
                entered.Set();
                return _leave.Wait(WaitLimit.Program);
            },
            slots,
            CancellationToken.None);
        Assert.True(entered.Wait(WaitLimit.Step));
    }

    public void Dispose()
    {
        _leave.Set();
        Assert.True(_run.Wait(WaitLimit.Step));
        _leave.Dispose();
    }
}
