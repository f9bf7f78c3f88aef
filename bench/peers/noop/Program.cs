// Kestrel with nothing behind it: reads the body and answers a fixed one, as long as a prediction of the digits model.
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

var answer = new byte[373];
answer.AsSpan().Fill((byte)' ');
"{}"u8.CopyTo(answer);
var sink = new byte[4096];

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args });
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
await using var app = builder.Build();
app.Urls.Add(args is [var url, ..] ? url : "http://127.0.0.1:7070");
app.Run(async http =>
{
    // What it holds is looked at by nobody, so all requests share it.
    while (await http.Request.Body.ReadAsync(sink) > 0)
    {
    }

    http.Response.ContentType = "application/json";
    http.Response.ContentLength = answer.Length;
    await http.Response.Body.WriteAsync(answer);
});
await app.RunAsync();
