using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Repository.Trust;

/// <summary>
/// The file of a signed statement: a Sigstore bundle with a DSSE envelope, as OpenSSF Model Signing writes it for a signature with a key.
/// Only the key in the server's settings is used; keys in the file are ignored.
/// </summary>
public static class StatementBundle
{
    /// <summary>The maximum size of a file in bytes. A larger file is not read.</summary>
    public const int MaxSize = 4 << 20;

    private const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    private const string PayloadType = "application/vnd.in-toto+json";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Verifies the signature of a bundle and returns its statement.</summary>
    /// <param name="file">The bundle's file name, for messages.</param>
    /// <param name="publicKeyPem">The key whose owner must have signed the bundle.</param>
    /// <param name="keySource">The setting or option that has the key, for messages.</param>
    /// <exception cref="FileProblemsException">
    /// The file is not a bundle, the key did not sign it, or its content is not a statement of OpenSSF Model Signing.
    /// </exception>
    /// <exception cref="ArgumentException">The key is not a public key on P-256.</exception>
    public static SignedStatement Verify(ReadOnlyMemory<byte> bundle, string file, string publicKeyPem, string keySource)
    {
        try
        {
            if (bundle.Length > MaxSize)
                throw new FormatException($"The file has {bundle.Length} bytes; at most {MaxSize} are read.");
            var (payload, signatures) = ReadEnvelope(bundle);
            var signed = EncodeForSigning(payload);
            if (!signatures.Exists(signature => EcdsaSignature.IsValid(signed, signature, publicKeyPem)))
                throw new FormatException($"It is not signed by the key in {keySource}.");
            using var statement = JsonDocument.Parse(payload, Strict);
            return StatementJson.Read(statement.RootElement);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            var reason = ProblemText.Describe(e);
            var message = e is FormatException ? reason : $"It is not a bundle with a signed statement: {ProblemText.ToOneLine(reason)}";
            throw new FileProblemsException([new FileProblem(file, 0, 0, "", message)]);
        }
    }

    /// <summary>
    /// Returns the <see cref="SignedStatement.Subject"/> of a bundle, for messages: no signature is verified. Null for a malformed bundle.
    /// </summary>
    public static string? ReadSubject(ReadOnlyMemory<byte> bundle) => TryRead(bundle)?.Subject;

    /// <summary>
    /// Returns when the settings were signed, without verification; null for a malformed bundle or one without this time.
    /// </summary>
    public static DateTimeOffset? ReadSignedAt(ReadOnlyMemory<byte> bundle) => TryRead(bundle)?.SignedAt;

    /// <summary>Signs a statement.</summary>
    /// <param name="key">A private key on P-256.</param>
    /// <returns>The content of the bundle's file.</returns>
    public static byte[] Sign(SignedStatement statement, ECDsa key)
    {
        var payload = StatementJson.Write(statement);
        var signature = key.SignData(EncodeForSigning(payload), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        // The hint identifies the key: the SHA-256 of its PEM text with the last line break, as in OpenSSF Model Signing.
        var hint = SHA256.HashData(Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem() + "\n"));
        return StatementJson.WriteIndented(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("mediaType"u8, MediaType);
            writer.WriteStartObject("verificationMaterial"u8);
            writer.WriteStartObject("publicKey"u8);
            writer.WriteString("hint"u8, Convert.ToHexStringLower(hint));
            writer.WriteEndObject();
            writer.WriteStartArray("tlogEntries"u8);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteStartObject("dsseEnvelope"u8);
            writer.WriteBase64String("payload"u8, payload);
            writer.WriteString("payloadType"u8, PayloadType);
            writer.WriteStartArray("signatures"u8);
            writer.WriteStartObject();
            writer.WriteBase64String("sig"u8, signature);
            writer.WriteString("keyid"u8, "");
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private static SignedStatement? TryRead(ReadOnlyMemory<byte> bundle)
    {
        try
        {
            using var statement = JsonDocument.Parse(ReadEnvelope(bundle).Payload, Strict);
            return StatementJson.Read(statement.RootElement);
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static (byte[] Payload, List<byte[]> Signatures) ReadEnvelope(ReadOnlyMemory<byte> bundle)
    {
        using var document = JsonDocument.Parse(bundle, Strict);
        var envelope = document.RootElement.GetProperty("dsseEnvelope"u8);
        var type = envelope.GetProperty("payloadType"u8).GetString();
        if (type != PayloadType)
            throw new FormatException($"The payload is of the type {ProblemText.Quote(type ?? "")}; {PayloadType} is expected.");
        return (
            envelope.GetProperty("payload"u8).GetBytesFromBase64(),
            [.. envelope.GetProperty("signatures"u8)
                .EnumerateArray().Select(signature => signature.GetProperty("sig"u8).GetBytesFromBase64())]);
    }

    /// <summary>Returns the signed bytes: the pre-authentication encoding of DSSE.</summary>
    private static byte[] EncodeForSigning(byte[] payload) =>
        [.. Encoding.UTF8.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} "), .. payload];
}
