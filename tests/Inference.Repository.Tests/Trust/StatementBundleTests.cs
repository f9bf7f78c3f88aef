using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Inference.Models.Settings;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests.Trust;

public sealed class StatementBundleTests : IDisposable
{
    private static readonly string Digest = new('a', 64);

    private readonly ModelSigner _signer = new();

    [Fact]
    public void Open_StatementSignedByTheKey_IsTheSame()
    {
        var statement =
            new SignedStatement("iris/1", [new ManifestEntry("data/w.bin", Digest, 0), new ManifestEntry("model.onnx", Digest, 0)])
            {
                SignedAt = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
                SettingsSignedAt = new DateTimeOffset(2026, 1, 30, 12, 0, 0, TimeSpan.Zero),
            };

        var read = Open(_signer.Sign(statement));

        Assert.Equal(
            (statement.Subject, statement.SignedAt, statement.SettingsSignedAt), (read.Subject, read.SignedAt, read.SettingsSignedAt));
        Assert.Equal<ManifestEntry>(statement.Files, read.Files);
    }

    /// <summary>Checks the format of OpenSSF Model Signing 1.0: the signed bytes, and the members that its readers require.</summary>
    [Fact]
    public void Seal_IsASigstoreBundleOfOpenSsfModelSigning()
    {
        var bundle = JsonNode.Parse(_signer.Sign(new SignedStatement("iris/1", [new ManifestEntry("model.onnx", Digest, 0)])))!;
        var payload = Convert.FromBase64String(bundle["dsseEnvelope"]!["payload"]!.ToString());
        var statement = JsonNode.Parse(payload)!;
        using var key = ECDsa.Create();
        key.ImportFromPem(_signer.PublicKeyPem);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"DSSEv1 28 application/vnd.in-toto+json {payload.Length} "), .. payload];

        Assert.Equal("application/vnd.dev.sigstore.bundle.v0.3+json", bundle["mediaType"]!.ToString());
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(_signer.PublicKeyPem + "\n"))),
            bundle["verificationMaterial"]!["publicKey"]!["hint"]!.ToString());
        Assert.True(key.VerifyData(
            signed, Convert.FromBase64String(bundle["dsseEnvelope"]!["signatures"]![0]!["sig"]!.ToString()), HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal("https://in-toto.io/Statement/v1", statement["_type"]!.ToString());
        Assert.Equal("https://model_signing/signature/v1.0", statement["predicateType"]!.ToString());
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(Digest))),
            statement["subject"]![0]!["digest"]!["sha256"]!.ToString());
        Assert.Equal(Digest, statement["predicate"]!["resources"]![0]!["digest"]!.ToString());
    }

    [Fact]
    public void Open_AnotherKeyOrAnyChangedByte_IsRefused()
    {
        using var otherSigner = new ModelSigner();
        var statement = new SignedStatement("iris/1", [new ManifestEntry("model.onnx", Digest, 0)]);
        Assert.Contains("is not signed by the key in --public-key.", Refusal(otherSigner.Sign(statement)), StringComparison.Ordinal);

        var bundle = JsonNode.Parse(_signer.Sign(statement))!;
        var payload = Convert.FromBase64String(bundle["dsseEnvelope"]!["payload"]!.ToString());
        for (var index = 0; index < payload.Length; index += 7)
        {
            var changed = payload.ToArray();
            changed[index] ^= 1;
            bundle["dsseEnvelope"]!["payload"] = Convert.ToBase64String(changed);
            Assert.Contains("is not signed by the key", Refusal(bundle), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("no bundle")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"dsseEnvelope":{}}""")]
    [InlineData("""{"dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":"???","signatures":[]}}""")]
    [InlineData("""{"dsseEnvelope":{"payloadType":"text/plain","payload":"","signatures":[]}}""")]
    [InlineData("""{"dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":"","signatures":[]}}""")]
    [InlineData("""{"dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payload":"","signatures":[{"sig":"AAAA"}]}}""")]
    [InlineData(
        """{"dsseEnvelope":{"payloadType":"application/vnd.in-toto+json","payloadType":"application/vnd.in-toto+json","payload":"","signatures":[]}}""")]
    public void Open_NoSignedStatement_SaysSo(string bundle) =>
        Assert.StartsWith("model.sig: ", Refusal(Encoding.UTF8.GetBytes(bundle)), StringComparison.Ordinal);

    [Theory]
    [InlineData("../model.onnx", "is not in the folder")]
    [InlineData("/etc/passwd", "is not in the folder")]
    [InlineData("a\\b", "is not in the folder")]
    [InlineData("MODEL.onnx", "is listed twice")]
    public void Open_FilesThatLeadOutOrRepeat_AreRefused(string name, string reason) => Assert.Contains(
        reason,
        Refusal(_signer.Sign(
            new SignedStatement("iris/1", [new ManifestEntry("model.onnx", Digest, 0), new ManifestEntry(name, Digest, 0)]))),
        StringComparison.Ordinal);

    public void Dispose() => _signer.Dispose();

    private SignedStatement Open(byte[] bundle) => StatementBundle.Verify(bundle, "model.sig", _signer.PublicKeyPem, "--public-key");

    private string Refusal(JsonNode bundle) => Refusal(Encoding.UTF8.GetBytes(bundle.ToJsonString()));

    private string Refusal(byte[] bundle) => Assert.Throws<FileProblemsException>(() => Open(bundle)).Message;
}
