using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Repository.Trust;

/// <summary>Reads and writes a <see cref="SignedStatement"/> in the JSON format of in-toto.</summary>
internal static class StatementJson
{
    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const string PredicateType = "https://model_signing/signature/v1.0";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const int DigestLength = 64;

    /// <exception cref="FormatException">
    /// The JSON is another kind of statement, or has an invalid subject, digest, name or time.
    /// </exception>
    /// <exception cref="InvalidOperationException">A value has the wrong JSON type.</exception>
    /// <exception cref="KeyNotFoundException">A value is missing.</exception>
    public static SignedStatement Read(JsonElement statement)
    {
        ThrowIfValueDiffers(statement, "_type", StatementType);
        ThrowIfValueDiffers(statement, "predicateType", PredicateType);
        var subjects = statement.GetProperty("subject"u8);
        if (subjects.GetArrayLength() != 1)
            throw new FormatException("The statement has several subjects or none; one is expected.");
        var predicate = statement.GetProperty("predicate"u8);
        var serialization = predicate.GetProperty("serialization"u8);
        ThrowIfValueDiffers(serialization, "method", "files");
        ThrowIfValueDiffers(serialization, "hash_type", "sha256");
        var read = new SignedStatement(subjects[0].GetProperty("name"u8).GetString() ?? "", ReadFiles(predicate.GetProperty("resources"u8)))
        {
            SignedAt = ReadTime(predicate, "signedAt"),
            SettingsSignedAt = ReadTime(predicate, "settingsSignedAt"),
        };
        var digest = subjects[0].GetProperty("digest"u8).GetProperty("sha256"u8).GetString();
        return digest == read.Digest
            ? read
            : throw new FormatException(
                $"The subject has the digest {ProblemText.Quote(digest ?? "")}, but the listed files have {read.Digest}. "
                + "Sign the folder again.");
    }

    public static byte[] Write(SignedStatement statement) => WriteIndented(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("_type"u8, StatementType);
        writer.WriteStartArray("subject"u8);
        writer.WriteStartObject();
        writer.WriteString("name"u8, statement.Subject);
        writer.WriteStartObject("digest"u8);
        writer.WriteString("sha256"u8, statement.Digest);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("predicateType"u8, PredicateType);
        WritePredicate(statement, writer);
        writer.WriteEndObject();
    });

    public static byte[] WriteIndented(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
            write(writer);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WritePredicate(SignedStatement statement, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("predicate"u8);
        writer.WriteStartObject("serialization"u8);
        writer.WriteString("method"u8, "files"u8);
        writer.WriteString("hash_type"u8, "sha256"u8);
        writer.WriteBoolean("allow_symlinks"u8, false);
        writer.WriteStartArray("ignore_paths"u8);
        foreach (var name in ManifestVerifier.FilesWithoutDigest)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartArray("resources"u8);
        foreach (var file in statement.Files)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, file.Name);
            writer.WriteString("algorithm"u8, "sha256"u8);
            writer.WriteString("digest"u8, file.Sha256);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteTime(writer, "signedAt", statement.SignedAt);
        WriteTime(writer, "settingsSignedAt", statement.SettingsSignedAt);
        writer.WriteEndObject();
    }

    private static ImmutableArray<ManifestEntry> ReadFiles(JsonElement resources)
    {
        // On a file system that ignores case, two spellings would name one file.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var files = ImmutableArray.CreateBuilder<ManifestEntry>();
        foreach (var resource in resources.EnumerateArray())
        {
            ThrowIfValueDiffers(resource, "algorithm", "sha256");
            var (name, digest) = (resource.GetProperty("name"u8).GetString() ?? "", resource.GetProperty("digest"u8).GetString() ?? "");
            if (!ModelManifest.IsSafeRelativePath(name))
            {
                throw new FormatException(
                    $"The listed file {ProblemText.Quote(name)} is not in the folder: a relative name is expected, with / between folders "
                    + "and without . and ..");
            }

            if (digest.Length != DigestLength || !digest.All(char.IsAsciiHexDigit))
                throw new FormatException($"The digest of the file {ProblemText.Quote(name)} is not {DigestLength} hexadecimal digits.");
            if (!names.Add(name))
                throw new FormatException($"The file {ProblemText.Quote(name)} is listed twice.");
            files.Add(new ManifestEntry(name, digest.ToLowerInvariant(), Line: 0));
        }

        return files.ToImmutable();
    }

    private static void ThrowIfValueDiffers(JsonElement element, string name, string expected)
    {
        if (element.GetProperty(name).GetString() is var value && value != expected)
            throw new FormatException($"\"{name}\" in the statement is {ProblemText.Quote(value ?? "")}; \"{expected}\" is expected.");
    }

    private static DateTimeOffset? ReadTime(JsonElement predicate, string name)
    {
        if (!predicate.TryGetProperty(name, out var value))
            return null;
        return value.TryGetDateTimeOffset(out var time)
            ? time
            : throw new FormatException(
                $"\"{name}\" in the statement is {ProblemText.Quote(value.ToString())}; a time such as 2026-01-31T12:00:00Z is expected.");
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            writer.WriteString(name, known.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
    }
}
