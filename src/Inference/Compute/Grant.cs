namespace Inference.Compute;

/// <summary>
/// The slots granted to a client for one run. A grant releases its slots as its last action on the thread. The thread is then free for the
/// next run.
/// </summary>
/// <param name="Charged">The expected duration of the run in ticks, which was charged to the client.</param>
internal sealed record Grant(Governor Governor, ComputeClient Client, int Slots, long Charged) : IThreadPoolWorkItem
{
    public void Execute()
    {
        Governor.OnGrantBegun(this);
        var run = Client.RunNextAsync();
        if (run.IsCompletedSuccessfully)
            Governor.End(this, run.Result);
        else
            _ = EndAsync(run);
    }

    private async Task EndAsync(ValueTask<TimeSpan?> run)
    {
        TimeSpan? elapsed = null;
        try
        {
            elapsed = await run.ConfigureAwait(false);
        }
        finally
        {
            Governor.End(this, elapsed);
        }
    }
}
