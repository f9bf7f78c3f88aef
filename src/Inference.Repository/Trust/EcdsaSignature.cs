using System.Security.Cryptography;

namespace Inference.Repository.Trust;

/// <summary>Signatures with ECDSA on P-256 and SHA-256 in DER, as <c>openssl dgst -sha256 -sign</c> writes them.</summary>
public static class EcdsaSignature
{
    /// <summary>The object identifier of the curve P-256.</summary>
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>Verifies a signature.</summary>
    /// <param name="publicKeyPem">The public key, as <c>openssl ec -pubout</c> writes it.</param>
    /// <returns>Whether the owner of the key signed exactly these bytes. False also for bytes that are not a signature.</returns>
    /// <exception cref="ArgumentException">The key is not a public key on P-256.</exception>
    public static bool IsValid(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature, string publicKeyPem)
    {
        using var key = ReadKey(publicKeyPem);
        return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>Throws when a text is not a public key that can verify signatures.</summary>
    /// <exception cref="ArgumentException">The key is not a public key on P-256.</exception>
    public static void ThrowIfInvalidKey(string publicKeyPem) => ReadKey(publicKeyPem).Dispose();

    private static ECDsa ReadKey(string pem)
    {
        const string Expected = "A public key in PEM is expected: -----BEGIN PUBLIC KEY-----";
        if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != "PUBLIC KEY")
            throw new ArgumentException($"This is not a public key. {Expected}");
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value == P256
                ? key
                : throw new CryptographicException("It is not on P-256 (prime256v1).");
        }
        catch (CryptographicException e)
        {
            key.Dispose();
            throw new ArgumentException($"The public key cannot be used: {e.Message} {Expected}", e);
        }
    }
}
