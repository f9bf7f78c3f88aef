using Functions.Tests;
using Inference.Testing;

namespace Cli.Tests.Push;

/// <summary>Tests stores that do not exist, or are no folder.</summary>
public sealed class NewStoreTests : IDisposable
{
    private readonly ModelFolder _made = new();

    public NewStoreTests()
    {
        _made.WriteScaling("m", 1, 2);
        _made.Write("", "file");
    }

    [Fact]
    public async Task Folder_ThatDoesNotExist_IsCreatedOnRequest()
    {
        var store = _made.PathOf("none");
        string[] push = ["models", "push", _made.PathOf("m", "1"), "m", "--store", store];

        var missing = await CliProcess.RunAsync(push);
        var isCreated = Directory.Exists(store);
        var created = await CliProcess.RunAsync([.. push, "--create"]);

        Assert.Equal(1, missing.ExitCode);
        Assert.Contains($"There is no folder {store}. Check --store, or create it with --create.", missing.Error, StringComparison.Ordinal);
        Assert.False(isCreated);
        Assert.True(created.ExitCode == 0, created.Error);
        Assert.True(File.Exists(Path.Combine(store, "m", "1", "model.onnx")));
    }

    [Theory]
    [InlineData("none", "There is no folder ")]
    [InlineData("file", "file is a file. Name a folder with --store.")]
    public async Task Store_ThatIsNoFolder_IsNamed(string store, string message)
    {
        string[][] commands =
        [
            ["push", _made.PathOf("m", "1"), "m"], ["pull", "m", _made.PathOf("pulled")], ["verify", "m"],
            ["remove", "m", "--version", "1", "--yes"],
        ];
        foreach (var command in commands)
        {
            var result = await CliProcess.RunAsync(["models", .. command, "--store", _made.PathOf(store)]);

            Assert.Equal(1, result.ExitCode);
            AssertText.Contains(message, result.Error);
            Assert.Contains("--store", result.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("s3://b/c")]
    [InlineData("azblob://x")]
    public async Task Address_OfAnotherService_IsRefused(string store)
    {
        var result = await CliProcess.RunAsync("models", "push", _made.PathOf("m", "1"), "m", "--store", store, "--create");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"\"{store}\" is not a store. --store accepts a folder, blob:", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _made.Dispose();
}
