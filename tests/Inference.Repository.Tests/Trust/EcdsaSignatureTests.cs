using System.Security.Cryptography;
using Inference.Repository.Trust;
using Inference.Testing;

namespace Inference.Repository.Tests.Trust;

public sealed class EcdsaSignatureTests
{
    // OpenSSL 3.0 created the keys and the signature with the commands of docs/models-trust.md. The private key was deleted.
    private const string PublicKey = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEPJm9xQZT6aJnN4ts9VSvhu8kGYah
        jQaXt78vzopqrQrCPRcawfO0Nlor5MTivtblZYN58Nyua1wniY7LEuSsXA==
        -----END PUBLIC KEY-----
        """;

    private const string OtherCurve = """
        -----BEGIN PUBLIC KEY-----
        MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEiuaEjFBBdqmVA/Zk7exLmdnnEOeyAc1I
        LbzvIGsQh7mE/N98jK8RmJtNLt3urYRDaWRn/1SfeyVZjRwPFBAVFA==
        -----END PUBLIC KEY-----
        """;

    private const string Signature = "MEYCIQDKV0TpKONNUel7nmH+bT6+ZGMtBK3IFo6xqYuzmTFjCwIhAK7QFirdNytNpIqO/oDZcnTRILJlaUDIR1KeJeMtJyWK";

    private static readonly byte[] Manifest = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73  model.onnx\n"u8.ToArray();

    [Fact]
    public void IsValid_SignatureOfOpenssl_IsTrue() =>
        Assert.True(EcdsaSignature.IsValid(Manifest, Convert.FromBase64String(Signature), PublicKey));

    [Fact]
    public void IsValid_AnyBitDiffers_IsFalse()
    {
        var signature = Convert.FromBase64String(Signature);
        for (var i = 0; i < signature.Length; i++)
        {
            var changed = signature.ToArray();
            changed[i] ^= 1;
            Assert.False(EcdsaSignature.IsValid(Manifest, changed, PublicKey));
        }

        Assert.False(EcdsaSignature.IsValid([.. Manifest, (byte)'\n'], signature, PublicKey));
        Assert.False(EcdsaSignature.IsValid(Manifest, [], PublicKey));
        Assert.False(EcdsaSignature.IsValid(Manifest, signature.AsSpan(..^1), PublicKey));
    }

    [Fact]
    public void IsValid_AnotherKey_IsFalse()
    {
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.False(EcdsaSignature.IsValid(Manifest, Convert.FromBase64String(Signature), otherKey.ExportSubjectPublicKeyInfoPem()));
        Assert.True(
            EcdsaSignature.IsValid(Manifest, otherKey.SignData(Manifest, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
                otherKey.ExportSubjectPublicKeyInfoPem()));
    }

    [Fact]
    public void IsValid_NoPublicKeyOnP256_NamesTheExpectedValue()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);

        AssertRefused("This is not a public key", "");
        AssertRefused("This is not a public key", key.ExportPkcs8PrivateKeyPem());
        AssertRefused("is not on P-256", larger.ExportSubjectPublicKeyInfoPem());
        AssertRefused("is not on P-256", OtherCurve);
        AssertRefused("The public key cannot be used", rsa.ExportSubjectPublicKeyInfoPem());
        AssertRefused("The public key cannot be used", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----");
    }

    private static void AssertRefused(string expected, string pem)
    {
        var exception = Assert.Throws<ArgumentException>(() => EcdsaSignature.IsValid(Manifest, Convert.FromBase64String(Signature), pem));

        AssertText.Contains(expected, exception.Message);
    }
}
