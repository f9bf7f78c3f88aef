using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Cli.Models.Stores;
using Cli.Output;
using Inference;
using Inference.Models;
using Inference.Repository;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Cli.Models;

/// <summary>
/// <c>models sign</c>: signs the files in a version's folder, or the settings files in a model's folder. The signed statement lists the
/// files with their hashes. It names the model and, for a version, the number. A server with the public key accepts only signed files.
/// </summary>
internal static class SignCommand
{
    private static readonly Argument<string> Folder = new("folder")
    {
        Description = "The folder of a version (<name>/<version>), or of a model (<name>) to sign its model.json and config.pbtxt",
    };

    private static readonly Option<string> PrivateKey = new("--private-key")
    {
        Description = "The private key on the curve P-256, as openssl ecparam writes it",
        HelpName = "pem file",
        Required = true,
    };

    private static readonly Option<string?> Name =
        new("--name") { Description = "The model's name in the store (default: the name of its folder)" };
    private static readonly Option<long?> Version =
        new("--version") { Description = "The version's number in the store (default: the number of its folder)" };

    public static Command Create()
    {
        var command = new Command("sign", "Sign a version, or the settings of a model, before you push them") { Folder, PrivateKey,
            Name, Version };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(Path.TrimEndingDirectorySeparator(Path.GetFullPath(parsed.GetRequiredValue(Folder))));
        using var key = await ReadKeyAsync(parsed.GetRequiredValue(PrivateKey), cancellationToken);
        var isVersion = folder.Exists && ModelFileName.HasModel(folder.FullName);
        var statement = isVersion
            ? await CreateVersionStatementAsync(parsed, folder, cancellationToken)
            : await CreateSettingsStatementAsync(parsed, folder, cancellationToken);
        var target = Path.Combine(folder.FullName, isVersion ? SignedStatement.VersionFileName : SignedStatement.SettingsFileName);
        await OutputFile.WriteAsync(target, StatementBundle.Sign(statement, key), cancellationToken);
        var count = statement.Files.Length;
        if (parsed.GetValue(GlobalOptions.Json))
            JsonConsole.Write(writer => WriteJson(writer, statement, target));
        else
            SafeConsole.WriteText($"Signed {Counted.Text(count, "file")} of \"{statement.Subject}\": {target}");
        return ExitCode.Done;
    }

    private static void WriteJson(Utf8JsonWriter writer, SignedStatement statement, string target)
    {
        writer.WriteStartObject();
        writer.WriteString("subject"u8, statement.Subject);
        writer.WriteNumber("files"u8, statement.Files.Length);
        writer.WriteString("path"u8, target);
        writer.WriteEndObject();
    }

    private static async Task<SignedStatement> CreateVersionStatementAsync(
        ParseResult parsed, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var name = ParseName(parsed.GetValue(Name) ?? folder.Parent?.Name);
        if (parsed.GetValue(Version) is { } invalidNumber and < 1)
            throw CliException.CreateUsageError($"{invalidNumber} is not the number of a version: --version must be 1 or higher.");
        if ((parsed.GetValue(Version)
            ?? (ModelVersion.TryParseNumber(folder.Name, out var number) ? number : 0)) is not (> 0 and var version))
        {
            throw CliException.CreateUsageError($"\"{folder.Name}\" is not the number of a version: sign <name>/<version>, or add --version.");
        }

        var files = await VersionSource.HashAsync(folder.FullName, cancellationToken);
        return new SignedStatement(
            $"{new ModelId(name, version)}", [.. files.Select(file => new ManifestEntry(file.Name, file.Sha256, Line: 0))])
        {
            SettingsSignedAt = await ReadSettingsTimeAsync(folder.Parent!, cancellationToken),
        };
    }

    private static async Task<SignedStatement> CreateSettingsStatementAsync(
        ParseResult parsed, DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var settingsFiles =
            SettingsFile.Signed.Select(file => new FileInfo(Path.Combine(folder.FullName, file))).Where(file => file.Exists).ToList();
        if (settingsFiles.Count == 0)
        {
            throw CliException.CreateUsageError(
                $"{folder} has neither a {ModelVersion.ModelFileName} nor a {string.Join(" or ", SettingsFile.Signed)} to sign. "
                + "Name the folder of a version or of a model.");
        }

        var files = new List<ManifestEntry>();
        foreach (var file in settingsFiles.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            var problem = file.LinkTarget is null
                ? FolderBoundary.FindSpecialFile(file)
                : FolderBoundary.FindEscape(file, FolderBoundary.GetRealPath(folder.FullName)!);
            if (problem is not null)
                throw CliException.CreateUsageError($"{folder} is not signed: {problem}");
            files.Add(new ManifestEntry(file.Name, await FileHash.ComputeAsync(file, cancellationToken), Line: 0));
        }

        var name = ParseName(parsed.GetValue(Name) ?? folder.Name);
        return new SignedStatement(name.Value, [.. files]) { SignedAt = TimeProvider.System.GetUtcNow() };
    }

    /// <summary>
    /// Reads the time at which the model's settings were signed; null when the model has no settings. The version's statement contains this
    /// time, so that no server loads the version with older settings.
    /// </summary>
    private static async Task<DateTimeOffset?> ReadSettingsTimeAsync(DirectoryInfo model, CancellationToken cancellationToken)
    {
        var bundle = Path.Combine(model.FullName, SignedStatement.SettingsFileName);
        if (File.Exists(bundle))
            return StatementBundle.ReadSignedAt(await File.ReadAllBytesAsync(bundle, cancellationToken));
        return SettingsFile.Signed.FirstOrDefault(file => File.Exists(Path.Combine(model.FullName, file))) is { } unsigned
            ? throw CliException.CreateUsageError($"{model} has a {unsigned} that is not signed. Sign it first: inferctl models sign {model}.")
            : null;
    }

    private static ModelName ParseName(string? text) => ModelName.TryParse(text, out var name)
        ? name
        : throw CliException.CreateUsageError($"\"{text}\" is not the name of a model: sign <name>/<version>, or add --name.");

    private static async Task<ECDsa> ReadKeyAsync(string path, CancellationToken cancellationToken)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(await CommandFile.ReadTextAsync(path, PrivateKey.Name, cancellationToken));
            // Throws for a public key, which cannot sign.
            key.ExportParameters(includePrivateParameters: true);
            EcdsaSignature.ThrowIfInvalidKey(key.ExportSubjectPublicKeyInfoPem());
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw CliException.CreateUsageError(
                $"{path} has no private key on P-256 (prime256v1). Create one: openssl ecparam -name prime256v1 -genkey -noout.");
        }
    }
}
