using Functions.Tests;

namespace Cli.Tests.Push;

/// <summary>Tests signatures of folders, and the verification with a public key.</summary>
public sealed class SignTests : IDisposable
{
    private readonly ModelFolder _made = new();

    public SignTests() => _made.Shell("", "openssl ecparam -name prime256v1 -genkey -noout -out signing.pem");

    [Fact]
    public async Task Sign_WithJson_PrintsTheSubjectAndTheFile()
    {
        _made.WriteScaling("signed", 1, 2);

        var signed = await CliProcess.RunForJsonAsync(
            "models", "sign", _made.PathOf("signed", "1"), "--private-key", _made.PathOf("signing.pem"));

        Assert.Equal(("signed/1", 1), (signed.GetProperty("subject").GetString(), signed.GetProperty("files").GetInt32()));
        Assert.True(File.Exists(signed.GetProperty("path").GetString()));
    }

    [Theory]
    [InlineData("signed", "model.json")]
    [InlineData("signed/1", "labels.txt")]
    public async Task Sign_FolderWithAPipe_IsRefused(string folder, string name)
    {
        _made.WriteScaling("signed", 1, 2);
        _made.Shell(folder, $"mkfifo {name}");

        var result = await CliProcess.RunAsync("models", "sign", _made.PathOf(folder), "--private-key", _made.PathOf("signing.pem"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"\"{name}\" is neither a file nor a folder, but a pipe", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_ASignedVersionWithoutAManifest_NamesTheOptionAndTheWrongKey()
    {
        _made.WriteScaling("signed", 1, 2);
        await CliProcess.RunSuccessfullyAsync(
            "models", "sign", _made.PathOf("signed", "1"), "--private-key", _made.PathOf("signing.pem"));
        string[] verify = ["models", "verify", "signed", "--store", _made.Path];

        var unkeyed = await CliProcess.RunAsync(verify);
        var wrongKey = await CliProcess.RunAsync([.. verify, "--public-key", _made.PathOf("signing.pem")]);
        _made.Shell(
            "", "openssl ecparam -name prime256v1 -genkey -noout -out other.pem && openssl ec -in other.pem -pubout -out public.pem");
        var otherKey = await CliProcess.RunAsync([.. verify, "--public-key", _made.PathOf("public.pem")]);

        Assert.Contains("It has a signed statement: verify it with --public-key.", unkeyed.Error, StringComparison.Ordinal);
        Assert.Equal(2, wrongKey.ExitCode);
        Assert.DoesNotContain("Parameter", wrongKey.Error, StringComparison.Ordinal);
        Assert.Contains("is not signed by the key in --public-key.", otherKey.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _made.Dispose();
}
