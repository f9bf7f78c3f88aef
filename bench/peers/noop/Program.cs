// A server that reads the body and always responds with the same bytes. It shows the cost of HTTP itself on this machine.
//
//     NoopPeer <port> <file with the answer>
using System.Globalization;
using System.Net;

var answer = File.ReadAllBytes(args[1]);
var builder = WebApplication.CreateEmptyBuilder(new());
builder.WebHost.UseKestrelCore();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], CultureInfo.InvariantCulture));
});

var app = builder.Build();
app.Run(async context =>
{
    var body = context.Request.BodyReader;
    for (var ended = false; !ended;)
    {
        var read = await body.ReadAsync();
        body.AdvanceTo(read.Buffer.End);
        ended = read.IsCompleted;
    }

    context.Response.ContentType = "application/json";
    context.Response.ContentLength = answer.Length;
    await context.Response.Body.WriteAsync(answer);
});
app.Run();
