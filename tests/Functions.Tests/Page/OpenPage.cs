using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Functions.Tests.Page;

/// <summary>
/// The page in a separate browser context. The class also records the console, exceptions, and requests to other hosts, which a user does
/// not see.
/// </summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private const float Limit = 60_000;

    /// <summary>A script that finds elements wider than the screen, and content outside of its box that cannot be scrolled to.</summary>
    private const string Overflow =
        """
        () => {
          const shown = [...document.querySelectorAll('main *, header *')].filter(one => one.checkVisibility());
          const scrolls = one => one.closest('.scroll, pre, textarea, .line, .matrix th, svg') !== null;
          const leaves = one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline' && one.clientWidth > 0;
          const wide = document.documentElement.scrollWidth > innerWidth
            ? shown.filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !scrolls(one)) : [];
          return [...wide, ...shown.filter(one => leaves(one) && !scrolls(one) && !['INPUT', 'SELECT'].includes(one.tagName))]
            .slice(0, 5).map(one => one.outerHTML.slice(0, 200));
        }
        """;

    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = [];

    private OpenPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    public static async Task<OpenPage> OpenAsync(
        Chromium chromium, Uri address, BrowserNewContextOptions? options = null, string path = "/")
    {
        var context = await chromium.Browser.NewContextAsync(options);
        context.SetDefaultTimeout(Limit);
        Assertions.SetDefaultExpectTimeout(Limit);
        var open = new OpenPage(context, await context.NewPageAsync());
        open.RecordComplaints(address);
        await open.Page.GotoAsync(new Uri(address, path).ToString());
        return open;
    }

    /// <summary>Fails if the console has an error or a warning, or if there was an exception or a request to another host.</summary>
    /// <param name="expected">A part of the messages that the test expects; null if it expects none.</param>
    public void AssertNoComplaints(string? expected = null) =>
        Assert.DoesNotContain(_complaints, complaint => expected is null || !complaint.Contains(expected, StringComparison.Ordinal));

    public async Task ScreenshotAsync(string name) =>
        await Page.ScreenshotAsync(
            new()
            {
                Path = Path.Combine(Chromium.Screenshots, name + ".png"),
                FullPage = true,
                Animations = ScreenshotAnimations.Disabled
            });

    /// <summary>
    /// Checks the current page at the widths of a phone, a tablet and a desktop, in light and dark colors: no content leaves the screen,
    /// and axe finds no fault. Also takes screenshots for people.
    /// </summary>
    public async Task AssertLayoutAsync(string name)
    {
        foreach (var width in (int[])[390, 768, 1280])
        {
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await Page.SetViewportSizeAsync(width, 900);
                await Page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
                var look = $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}";
                await ScreenshotAsync(look);
                var wide = await Page.EvaluateAsync<string[]>(Overflow);
                Assert.True(wide.Length == 0, $"{look} is wider than the screen: {string.Join('\n', wide)}");
                var faults = await Accessibility.FindAsync(Page);
                Assert.True(faults.Count == 0, $"{look}: {string.Join('\n', faults)}");
            }
        }
    }

    public ILocator Answer => Page.Locator(".answer .words");

    /// <summary>What the form says about the input, such as the rows of a file or why it was refused.</summary>
    public ILocator Said => Page.Locator("form .hint[role=status]");

    public ILocator BestBar => Page.Locator(".bars li.best .label");

    public ILocator Field(string label) => Page.GetByLabel(label, new() { Exact = true });

    public Task ClickAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Responds to calls of the page in place of the server.</summary>
    /// <param name="address">A pattern for the addresses of the calls.</param>
    /// <param name="times">The number of calls to respond to; null for all calls.</param>
    public Task RespondAsync(string address, string body, int status = 200, int? times = null) => Page.RouteAsync(
        address,
        route => route.FulfillAsync(new() { Status = status, ContentType = "application/json", Body = body }),
        new() { Times = times });

    /// <summary>Chooses an example digit and waits for the response.</summary>
    public async Task DrawExampleAsync()
    {
        await ClickAsync("Draw 1");
        await Assertions.Expect(Answer).ToContainTextAsync("round trip");
    }

    /// <summary>Draws on the pad with the mouse. The coordinates of the corners are from 0 to 1.</summary>
    public async Task DrawAsync(params (float X, float Y)[] corners)
    {
        var pad = (await Page.Locator("canvas.pad").BoundingBoxAsync())!;
        await MoveAsync(corners[0], 1);
        await Page.Mouse.DownAsync();
        foreach (var corner in corners[1..])
            await MoveAsync(corner, 12);
        await Page.Mouse.UpAsync();

        Task MoveAsync((float X, float Y) to, int steps) =>
            Page.Mouse.MoveAsync(pad.X + (to.X * pad.Width), pad.Y + (to.Y * pad.Height), new() { Steps = steps });
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void RecordComplaints(Uri address)
    {
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                _complaints.Enqueue($"console: {message.Text}");
        };
        Page.PageError += (_, error) => _complaints.Enqueue($"exception: {error}");
        Page.Request += (_, request) =>
        {
            var requested = new Uri(request.Url);
            if (requested.Scheme is not ("blob" or "data") && requested.Authority != address.Authority)
                _complaints.Enqueue($"request to {requested}");
        };
    }
}
