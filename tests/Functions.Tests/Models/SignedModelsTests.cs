using System.Net;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>
/// Tests attacks by somebody who can write to the folder of models, but has no key to sign with. In the text model, the vector of a token
/// is (its number, 1, 0).
/// </summary>
public sealed class SignedModelsTests : IAsyncLifetime
{
    private const string Features = "{\"features\":[1,0,0,0]}";
    private const string Vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n";

    private readonly ModelFolder _models = new();
    private readonly ModelSigner _signer = new();
    private FunctionsProcess _server = null!;

    public async Task InitializeAsync()
    {
        foreach (var model in (string[])["good", "bereft", "old", "repaired"])
        {
            _models.WriteScaling(model, 1, 2);
            // The signature of "bereft" names settings that do not exist, as if they had been deleted.
            SignVersion(model, model == "bereft" ? DateTimeOffset.UnixEpoch : null);
        }

        TestModels.CopyTo("embedder", _models.PathOf("text", "1"));
        _models.Write(Vocabulary, "text", "1", "vocab.txt");
        _models.Write("""{"text":{"tokenizer":"wordpiece","pooling":"none"}}""", "text", "model.json");
        Sign("text");
        SignVersion("text");
        _models.Shell("", "mkdir digits && cp -r good/1 digits/7");
        _server = await _models.ServeAsync(
            ("Models__PublicKey", _signer.PublicKeyPem), ("Models__MinimumVersions", "old=2"), ("Models__ReloadInterval", "00:00:01"));
    }

    [Fact]
    public async Task Predict_StoreIsAttacked_ServesOnlySignedVersions()
    {
        await _server.PostJsonAsync("/models/good/predict", Features);
        await AssertRefusedAsync("digits", "its model.sig was signed for \"good/1\", not for \"digits/7\"");
        await AssertRefusedAsync("old", "Models__MinimumVersions allows version 2 and higher");
        await AssertRefusedAsync("bereft", "it was signed with settings of 1970-01-01 00:00:00Z, and the store has no signed settings");

        await UseTokenizerReplacedAfterTheLoadAsync();
        await AddUnsignedSettingsAsync();
        await RepairWithoutAChangeOfTimeAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _signer.Dispose();
        _models.Dispose();
    }

    /// <summary>Sends the first text after the tokenizer's file was replaced. The server must use the file of the load.</summary>
    private async Task UseTokenizerReplacedAfterTheLoadAsync()
    {
        using var load = await _server.PostAsync("/v2/repository/models/text/load", "{}");
        Assert.Equal(HttpStatusCode.OK, load.StatusCode);
        _models.Write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nworld\nhello\n", "text", "1", "vocab.txt");

        var response = await _server.PostJsonAsync("/models/text/predict", """{"text":"hello"}""");

        Assert.Equal("[[[2,1,0],[5,1,0],[3,1,0]]]", response.GetProperty("predictions").ToString());
    }

    private async Task AddUnsignedSettingsAsync()
    {
        _models.Write("""{"remote":{"kind":"open-inference","url":"http://127.0.0.1:1"}}""", "good", "model.json");

        using var load = await _server.PostAsync("/v2/repository/models/good/load", "{}");

        Assert.Contains(
            "There is no settings.sig, so model.json cannot be trusted", await load.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await _server.PostJsonAsync("/models/good/predict", Features);
    }

    private async Task RepairWithoutAChangeOfTimeAsync()
    {
        _models.Shell("repaired/1",
            "cp -p model.sig ../right && printf x | dd of=model.sig conv=notrunc bs=1 seek=400 2> /dev/null && touch -r ../right model.sig");
        await AssertRefusedAsync("repaired", "model.sig");
        _models.Shell("repaired/1", "cp -p ../right model.sig");

        await _server.WaitUntilAsync(async () =>
        {
            using var response = await _server.PostAsync("/models/repaired/predict", Features);
            return response.IsSuccessStatusCode;
        });
    }

    private async Task AssertRefusedAsync(string model, string reason)
    {
        using var response = await _server.PostAsync($"/models/{model}/predict", Features);
        var text = (await response.Content.ReadAsStringAsync())
            .Replace("\\u0022", "\"", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal);

        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable && text.Contains(reason, StringComparison.Ordinal),
            $"{response.StatusCode}: {text}");
    }

    private void Sign(string model) => _signer.SignSettings(_models.PathOf(model), model);

    private void SignVersion(string model, DateTimeOffset? settingsSignedAt = null) =>
        _signer.SignVersion(_models.PathOf(model, "1"), $"{model}/1", settingsSignedAt);
}
