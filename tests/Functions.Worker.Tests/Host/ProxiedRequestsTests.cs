using System.Text;
using Functions.Worker.Host;
using Functions.Worker.Http;
using Functions.Worker.Tests.Standalone.Queues;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Functions.Worker.Tests.Host;

public sealed class ProxiedRequestsTests
{
    [Theory]
    [InlineData(8, "", 8, "")]
    [InlineData(5000, "", 200, "...")]
    [InlineData(199, "\ud83d\ude00", 199, "...")]
    public async Task Handle_InvocationThatTheHostDoesNotAnnounce_ExplainsTheFix(int length, string end, int quoted, string mark)
    {
        var invocations = new PendingHttpInvocations();
        var time = new AutoAdvancingTimeProvider();
        var requests = new ProxiedRequests(
            invocations,
            new RouteTemplates("", []),
            new HttpFunctionInvoker(NullLogger<HttpFunctionInvoker>.Instance),
            time,
            NullLogger<ProxiedRequests>.Instance);
        using var body = new MemoryStream();
        await using var services = new ServiceCollection().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services };
        http.Response.Body = body;
        http.Request.Headers["x-ms-invocation-id"] = new string('i', length) + end;

        await requests.HandleAsync(http);

        Assert.Equal(StatusCodes.Status504GatewayTimeout, http.Response.StatusCode);
        var text = Encoding.UTF8.GetString(body.ToArray());
        Assert.Contains(
            $"\\\"{new string('i', quoted)}{mark}\\\". Send the request without the header x-ms-invocation-id",
            text,
            StringComparison.Ordinal);
        Assert.Equal([ProxiedRequests.PairingTimeout], await time.WaitsAsync(1));
        Assert.Equal(0, invocations.Count);
    }
}
