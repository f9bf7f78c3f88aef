namespace Functions.Tests.Chaos;

/// <summary>A caller that makes one call after the other, disconnects from some, and checks every response.</summary>
/// <param name="next">Draws the next call.</param>
internal sealed class ChaosClient(IChaosProtocol protocol, Func<ChaosCall> next, Random random, ChaosReport report)
{
    /// <summary>
    /// The time for which a caller waits for a response, unless it disconnects earlier. Other programs on the machine may delay a response
    /// by up to a minute.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The maximum pause between two calls, in milliseconds.</summary>
    private const int MaxPause = 20;

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await CallAsync(next());
            // The pause only sets the pace of the load. No condition depends on it.
            await Task.Delay(random.Next(MaxPause), CancellationToken.None);
        }
    }

    /// <returns>Whether the call got a response, whether the response is right or wrong.</returns>
    public async Task<bool> CallAsync(ChaosCall call)
    {
        using var limit = new CancellationTokenSource(protocol.Patience);
        using var leave = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, leave.Token);
        if (call.Leave is { } patience)
            leave.CancelAfter(patience);
        try
        {
            CheckReply(call, await protocol.SendAsync(call.Model, call.Row, call.Timeout, either.Token));
            return true;
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            report.Count(protocol.Name, call.Model, "left");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            report.Fault(protocol.Name, call.Model, "missing", $"No answer within {protocol.Patience.TotalSeconds} s.");
        }
        catch (Exception e)
        {
            report.Fault(protocol.Name, call.Model, "unexpected", $"{e.GetType().Name}: {e.Message} {e.InnerException?.Message}");
        }

        return false;
    }

    private void CheckReply(ChaosCall call, ChaosReply reply)
    {
        var (status, text) = (reply.Status, reply.Text);
        var both = $"{HttpProtocol.Text(call.Row)} is answered with {HttpProtocol.Text(reply.Values)}";
        if (status == 200 && call.Check is null)
            report.Fault(protocol.Name, call.Model, "wrong", $"{both}; a refusal is due.");
        else if (status == 200 && call.Check!(reply.Values) is { } problem)
            report.Fault(protocol.Name, call.Model, "wrong", $"{both}, which {problem}.");
        else if (status == 200)
            report.Count(protocol.Name, call.Model, "answered");
        else if (call.Refusals.Contains(status))
            report.Count(protocol.Name, call.Model, $"refused with {status}");
        else
            report.Fault(protocol.Name, call.Model, $"unexpected {status}", text);
    }
}
