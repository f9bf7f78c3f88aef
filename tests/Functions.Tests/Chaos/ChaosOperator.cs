using System.Net;

namespace Functions.Tests.Chaos;

/// <summary>Performs an operator's actions on the models, one after the other, in random order.</summary>
internal sealed class ChaosOperator(ChaosServer server, ChaosModels models, Random random, ChaosReport report)
{
    private const string Name = "operator";
    private const int MaxPause = 400;

    private static readonly string[] All =
    [
        .. ChaosModels.Good, ChaosModels.Slow, ChaosModels.Endless, ChaosModels.Table, ChaosModels.Words, ChaosModels.Invalid,
        ChaosModels.Alone, ChaosModels.TooBig,
    ];

    private int _factor = 10;
    private int _version = 1;

    /// <summary>Changes the files of models. Only one task may call this method.</summary>
    public Task ChangeAsync(CancellationToken end) => RepeatAsync(
        () =>
        {
            var (what, change) = Change();
            change();
            report.Count(Name, what, "done");
            return Task.CompletedTask;
        },
        end);

    /// <summary>Loads and unloads models, and reads their readiness and the state of the server.</summary>
    public Task AskAsync(CancellationToken end) => RepeatAsync(AskAsync, end);

    private async Task RepeatAsync(Func<Task> act, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await act();
            // The pause only sets the pace of the changes. No condition depends on it.
            await Task.Delay(random.Next(MaxPause), CancellationToken.None);
        }
    }

    private (string What, Action Change) Change() => random.Next(100) switch
    {
        < 45 => ("replace a file", () => models.WriteScaling(ChaosModels.Swapped, 1, ++_factor)),
        < 80 => ("add a version", AddVersion),
        < 90 => ("add a broken version", () => models.WriteGarbage(ChaosModels.Versioned, ++_version)),
        _ => ("add an endless version", () => models.WriteEndless(ChaosModels.Versioned, ++_version)),
    };

    private Task AskAsync()
    {
        var model = All[random.Next(All.Length)];
        return random.Next(100) switch
        {
            < 40 => AskAsync("unload", () => server.PostAsync($"/v2/repository/models/{model}/unload")),
            < 60 => AskAsync(
                "load", () => server.PostAsync($"/v2/repository/models/{model}/load"), HttpStatusCode.BadRequest,
                HttpStatusCode.ServiceUnavailable),
            < 80 => AskAsync("ask for readiness", () => server.GetAsync($"/v2/models/{model}/ready"), HttpStatusCode.ServiceUnavailable),
            < 90 => AskAsync("status", () => server.GetAsync("/status")),
            _ => AskAsync("metrics", () => server.GetAsync("/metrics")),
        };
    }

    private void AddVersion()
    {
        models.WriteScaling(ChaosModels.Versioned, ++_version, ++_factor);
        // Removes the earlier versions, which may be broken, endless or in use.
        for (var old = _version - 4; old < _version - 1; old++)
            models.Remove(ChaosModels.Versioned, old);
    }

    private async Task AskAsync(string what, Func<Task<HttpStatusCode>> ask, params HttpStatusCode[] refusals)
    {
        try
        {
            var status = await ask();
            if (status == HttpStatusCode.OK || refusals.Contains(status))
                report.Count(Name, what, $"{(int)status}");
            else
                report.Fault(Name, what, $"unexpected {(int)status}", "");
        }
        catch (OperationCanceledException)
        {
            report.Fault(Name, what, "missing", $"No answer within {ChaosClient.Patience.TotalSeconds} s.");
        }
        catch (HttpRequestException e)
        {
            report.Fault(Name, what, "unexpected", e.Message);
        }
    }
}
