using System.Text.RegularExpressions;
using System.Threading.Channels;
using Inference.Testing;
using Microsoft.Playwright;

namespace Functions.Tests.Page;

/// <summary>Holds calls of the page until the test releases them, so that the user can act before a response arrives.</summary>
internal sealed class HeldCalls : IAsyncDisposable
{
    private readonly Channel<IRoute> _held = Channel.CreateUnbounded<IRoute>();
    private readonly IPage _page;
    private readonly Regex _address;

    private HeldCalls(IPage page, Regex address) => (_page, _address) = (page, address);

    public static async Task<HeldCalls> HoldAsync(IPage page, Regex address)
    {
        var held = new HeldCalls(page, address);
        await page.RouteAsync(address, route => held._held.Writer.TryWrite(route));
        return held;
    }

    /// <summary>Returns the next call, and waits for it if necessary.</summary>
    public async Task<HeldCall> NextAsync() => new(_page, await _held.Reader.ReadAsync().AsTask().WaitAsync(WaitLimit.Step));

    /// <summary>Holds no further calls.</summary>
    public async ValueTask DisposeAsync() => await _page.UnrouteAsync(_address);
}

/// <summary>A call that waits for the test.</summary>
internal sealed class HeldCall(IPage page, IRoute route)
{
    /// <summary>Sends the call to the server, and waits until the page has the response.</summary>
    public Task ContinueAsync() => ReleaseAsync(() => route.ContinueAsync());

    /// <summary>Responds in place of the server, and waits until the page has the response.</summary>
    public Task FulfillAsync(string json) =>
        ReleaseAsync(() => route.FulfillAsync(new() { ContentType = "application/json", Body = json }));

    private async Task ReleaseAsync(Func<Task> release)
    {
        var finished = page.WaitForRequestFinishedAsync(new() { Predicate = request => request == route.Request });
        await release();
        await finished;
        // The page has handled the response before a later response.
        await page.EvaluateAsync("async () => await (await fetch('/health/ready')).text()");
    }
}
