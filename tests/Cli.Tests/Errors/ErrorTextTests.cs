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

    [Theory]
    [InlineData("{}", "models", "list")]
    [InlineData("[]", "models", "list")]
    [InlineData("{}", "models", "show", "m")]
    [InlineData("{\"jobs\":7}", "jobs", "list")]
    [InlineData("{}", "jobs", "get", "a")]
    [InlineData("[]", "jobs", "watch", "a")]
    [InlineData("{}", "bench", "m")]
    [InlineData("{\"predictions\":[1],\"labels\":[]}", "predict", "m", "--data", "[1]")]
    public async Task Response_WithoutTheExpectedMembers_NamesTheEndpoint(string response, params string[] arguments)
    {
        using var server = new HttpDouble(context => context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(response)));

        var result = await CliProcess.RunAsync([.. arguments, "--endpoint", server.Address]);

        Assert.Equal(1, result.ExitCode);
        AssertText.Contains("The response is not from an inference server (", result.Error);
        AssertText.Contains("Check --endpoint.", result.Error);
    }

    [Fact]
    public async Task Option_OfABrokenLink_SaysThatTheFileDoesNotExist()
    {
        var link = _folder.Combine("x.csv");
        File.CreateSymbolicLink(link, "none.csv");

        var result = await CliProcess.RunAsync("predict", "m", "--file", link, "--endpoint", "http://127.0.0.1:1");

        Assert.Equal((2, $"inferctl: \"{link}\", which --file names, does not exist.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Push_OfABrokenLink_SaysThatTheFileDoesNotExist()
    {
        var link = _folder.Combine("x.onnx");
        File.CreateSymbolicLink(link, "none.onnx");

        var result = await CliProcess.RunAsync("models", "push", link, "m", "--store", _folder.Path);

        Assert.Equal((1, $"inferctl: \"{link}\" does not exist.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Pull_ToAFile_SaysThatItAlreadyExists()
    {
        var file = _folder.Combine("file");
        await File.WriteAllTextAsync(file, "");

        var result = await CliProcess.RunAsync("models", "pull", "iris", file, "--store", ServedModels.PathOf());

        Assert.Equal((1, $"inferctl: \"{file}\" already exists.\n"), (result.ExitCode, result.Error));
    }

    public void Dispose() => _folder.Dispose();
}
