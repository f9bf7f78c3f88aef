using System.Diagnostics;

namespace Inference.Serving;

/// <summary>Work that takes slots once, and no request waits for.</summary>
internal sealed class SingleRun<T>(Governor governor, Func<T> work, int slots, CancellationToken cancellationToken) : ComputeClient
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override int Slots => slots;

    public Task<T> Task => _completion.Task;

    public override void Run(Grant grant)
    {
        governor.Formed(this, more: false);
        var started = Stopwatch.GetTimestamp();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _completion.SetResult(work());
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            _completion.SetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            _completion.SetException(e);
        }
        finally
        {
            governor.Exit(this, grant.Slots, Stopwatch.GetElapsedTime(started), grant.Charged);
        }
    }
}
