using System.Text;
using Inference.Testing;

namespace Cli.Tests.Errors;

/// <summary>Tests the texts of errors: each says what is wrong, with the user's own words, and none is a message of .NET.</summary>
public sealed class ErrorTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>A server joins the problems of a model with line breaks.</summary>
    [Fact]
    public async Task ErrorOfAServer_WithSeveralLines_HasAllOfThemIndented()
    {
        using var server = new HttpDouble(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.OutputStream.Write(Encoding.UTF8.GetBytes("""{"detail":"It does not load.\r\n\nIts labels are wrong.\n"}"""));
        });

        var result = await CliProcess.RunAsync("predict", "m", "--data", "[1]", "--endpoint", server.Address);

        Assert.Equal((1, "inferctl: 503: It does not load.\n    Its labels are wrong.\n"), (result.ExitCode, result.Error));
    }

    public void Dispose() => _folder.Dispose();
}
