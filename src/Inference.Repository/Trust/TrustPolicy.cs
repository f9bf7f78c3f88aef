using System.Security.Cryptography;
using System.Text;
using Inference.Models;
using Inference.Models.Files;
using Inference.Models.Settings;
using Inference.Repository.Copies;
using Inference.Repository.ModelJson;

namespace Inference.Repository.Trust;

/// <summary>
/// The proof that is required before a version is loaded, and before a model's settings are used. An existing manifest is always checked.
/// </summary>
/// <param name="RequireManifest">Whether a version without a manifest is refused.</param>
/// <param name="PublicKeyPem">
/// The key whose owner must have signed the statement of every version and of all settings; null requires no signature.
/// </param>
public sealed record TrustPolicy(bool RequireManifest, string? PublicKeyPem)
{
    /// <summary>The number of hexadecimal digits of the key's hash in a scope.</summary>
    private const int ScopeLength = 16;

    /// <summary>The policy that requires no proof.</summary>
    public static TrustPolicy Default { get; } = new(RequireManifest: false, PublicKeyPem: null);

    /// <summary>The setting or option that has the public key, for messages.</summary>
    /// <value>Default: the server's setting.</value>
    public string PublicKeySource { get; init; } = "Models__PublicKey";

    /// <summary>The lowest version of each model that may be loaded, whatever the store contains.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyDictionary<ModelName, long> MinimumVersions { get; init; } = new Dictionary<ModelName, long>();

    /// <summary>
    /// Whether a version must be verified. Its files are then copied first, so that the loaded bytes are the verified bytes.
    /// </summary>
    public bool IsStrict => RequireManifest || PublicKeyPem is not null;

    /// <summary>
    /// Identifies the proof that this policy requires; empty when it requires none. Cached graphs are used only under the scope in which
    /// they were stored.
    /// </summary>
    public string Scope => PublicKeyPem is not null
        ? "signed-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PublicKeyPem.Trim())))[..ScopeLength]
        : RequireManifest ? "listed" : "";

    /// <summary>
    /// Verifies the files of a version against its manifest and its signed statement. In any case, no link may lead out of the version's
    /// folder.
    /// </summary>
    /// <returns>The files, with their manifest or digest if there is one.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>, <see cref="InferenceException.LastsUntilFilesChange"/>: the version is refused. The
    /// message contains every problem.
    /// </exception>
    public Task<ModelFiles> VerifyAsync(ModelId id, ModelFiles files, CancellationToken cancellationToken)
    {
        ThrowIfEscaping(id, files);
        var folder = GetFolder(files);
        return VerifyAsync(id, files, folder, listed => ManifestVerifier.ComputeDigestsAsync(folder, listed, cancellationToken));
    }

    /// <summary>Verifies the copy of a version. The original folder is only checked for links.</summary>
    /// <returns>The copied files, with their manifest or digest if there is one.</returns>
    /// <exception cref="InferenceException">The same as for <see cref="VerifyAsync(ModelId, ModelFiles, CancellationToken)"/>.</exception>
    internal Task<ModelFiles> VerifyAsync(ModelId id, ModelFiles original, CopyLease copy) =>
        VerifyAsync(id, copy.WithCopiedPaths(original), GetFolder(original), _ => Task.FromResult(copy.Digests));

    /// <summary>
    /// Throws when a version lacks a required proof or is below the minimum. Does not read the version's model files, which may be large.
    /// </summary>
    /// <exception cref="InferenceException">The same as for <see cref="VerifyAsync(ModelId, ModelFiles, CancellationToken)"/>.</exception>
    internal void ThrowIfProofMissing(ModelId id, ModelFiles files) => RunCheck(id, () => ReadProof(id, files));

    /// <summary>Verifies the settings files of a model against their signed statement, if a key is set.</summary>
    /// <param name="files">All settings files of the model, with the content that will be used.</param>
    /// <returns>When the settings were signed; null without a key, and for a model without settings that need a signature.</returns>
    /// <exception cref="FileProblemsException">The settings are not those that the owner of the key signed for this model.</exception>
    internal DateTimeOffset? VerifySettings(ModelName name, IReadOnlyCollection<SettingsFile> files)
    {
        if (PublicKeyPem is null)
            return null;
        var signed = files.Where(file => SettingsFile.Signed.Contains(file.Name)).ToList();
        if (files.FirstOrDefault(file => file.Name == SignedStatement.SettingsFileName) is not { } bundle)
        {
            return signed.Count == 0 ? null : throw CreateProblem(
                $"There is no {SignedStatement.SettingsFileName}, so {string.Join(" and ", signed.Select(file => file.Name))} cannot be "
                + "trusted. "
                + $"Sign the folder of the model: inferctl models sign {name}. Labels, traffic and shadow belong in {VersionsFile.Name}, "
                + "which needs no signature.");
        }

        var statement = StatementBundle.Verify(bundle.Content, bundle.Name, PublicKeyPem, PublicKeySource);
        if (statement.Subject != name.Value)
        {
            throw CreateProblem(
                $"It is signed for {ProblemText.Quote(statement.Subject)}, but these are the settings of \"{name}\". "
                + "Sign them for this model.");
        }

        var digests = signed.ToDictionary(file =>
            file.Name, file => Convert.ToHexStringLower(SHA256.HashData(file.Content.Span)), StringComparer.Ordinal);
        var problems = ManifestVerifier.Compare(SignedStatement.SettingsFileName, statement.Files, digests);
        return problems.Count == 0 ? statement.SignedAt : throw new FileProblemsException(problems);

        static FileProblemsException CreateProblem(string message) =>
            new([new FileProblem(SignedStatement.SettingsFileName, 0, 0, "", message)]);
    }

    /// <summary>
    /// Finds the reason why a server with this policy would not load a version with the settings of its model: a wrong signature, or older
    /// settings.
    /// </summary>
    /// <param name="files">All settings files of the model.</param>
    /// <param name="settingsSignedAt">The time in the version's statement, <see cref="ModelFiles.SettingsSignedAt"/>.</param>
    /// <returns>Whole sentences; null when there is no reason.</returns>
    public string? FindSettingsProblem(ModelName name, IReadOnlyCollection<SettingsFile> files, DateTimeOffset? settingsSignedAt)
    {
        try
        {
            var configuration = ModelConfiguration.Default with { SignedAt = VerifySettings(name, files) };
            return configuration.FindAgeProblem(settingsSignedAt) is { } problem
                ? $"{SignedStatement.VersionFileName}: {problem}"
                : null;
        }
        catch (FileProblemsException e)
        {
            return e.Message;
        }
    }

    /// <summary>Throws when a version has a link out of its folder, a broken link, a pipe, a socket or a device.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>, <see cref="InferenceException.LastsUntilFilesChange"/>: it has such an entry.
    /// </exception>
    internal static void ThrowIfEscaping(ModelId id, ModelFiles files)
    {
        if (RunCheck(id, () => FolderBoundary.FindEscape(files)) is { } escape)
            throw CreateRefusedError(id, escape);
    }

    /// <summary>Verifies files against their manifest and statement. Files without either are returned unverified.</summary>
    /// <param name="folder">The folder to check for links.</param>
    /// <param name="computeDigests">Returns the digests of the files, at least of the listed ones.</param>
    private async Task<ModelFiles> VerifyAsync(
        ModelId id, ModelFiles files, string folder,
        Func<IEnumerable<ManifestEntry>, Task<IReadOnlyDictionary<string, string>>> computeDigests)
    {
        try
        {
            var (manifest, statement) = ReadProof(id, files);
            if (manifest is null && statement is null)
                return files;
            var found = await computeDigests([.. manifest?.Entries ?? [], .. statement?.Files ?? []]).ConfigureAwait(false);
            var problems = new List<FileProblem>(
                ManifestVerifier.FindLinks(manifest is null ? SignedStatement.VersionFileName : ModelManifest.FileName, folder));
            if (manifest is not null)
                problems.AddRange(ManifestVerifier.Compare(ModelManifest.FileName, manifest.Entries, found));
            if (statement is not null)
                problems.AddRange(ManifestVerifier.Compare(SignedStatement.VersionFileName, statement.Files, found));
            if (problems.Count > 0)
                throw CreateRefusedError(id, string.Join(' ', problems));
            return files with
            {
                ManifestPath = statement is null ? ModelManifest.GetPath(files) : null,
                Digest = statement is null ? null : new ModelDigest(SignedStatement.VersionFileName, statement.Digest),
                SettingsSignedAt = statement?.SettingsSignedAt,
            };
        }
        catch (Exception e) when (e is FileProblemsException or IOException or UnauthorizedAccessException)
        {
            throw CreateRefusedError(id, e.Message, e);
        }
    }

    private (ModelManifest? Manifest, SignedStatement? Statement) ReadProof(ModelId id, ModelFiles files)
    {
        if (MinimumVersions.TryGetValue(id.Name, out var minimum) && id.Version < minimum)
            throw CreateRefusedError(id, $"Models__MinimumVersions allows version {minimum} and higher.");
        var statement = PublicKeyPem is null ? null : ReadStatement(id, files, PublicKeyPem);
        var path = ModelManifest.GetPath(files);
        if (Read(path, ModelManifest.MaxSize) is { } manifest)
            return (ModelManifest.Parse(manifest), statement);
        return statement is not null || !RequireManifest
            ? (null, statement)
            : throw CreateRefusedError(
                id,
                $"it has no {ModelManifest.FileName} beside {ModelVersion.ModelFileName}, which Models__RequireManifest requires. "
                + "Create it with sha256sum in the version's folder.");
    }

    private SignedStatement ReadStatement(ModelId id, ModelFiles files, string publicKeyPem)
    {
        var folder = GetFolder(files);
        // A bare model file is in the root folder beside other models, and has no folder of its own.
        var isBareFile = files.Folder is null;
        if (isBareFile || Read(Path.Combine(folder, SignedStatement.VersionFileName), StatementBundle.MaxSize) is not { } bundle)
        {
            var advice = !isBareFile && File.Exists(Path.Combine(folder, ModelManifest.SignatureFileName))
                ? $" Its {ModelManifest.SignatureFileName} is not enough, because it names neither the model nor the version."
                : "";
            throw CreateRefusedError(
                id,
                $"it has no {SignedStatement.VersionFileName} beside {ModelVersion.ModelFileName}, which {PublicKeySource} requires."
                + $"{advice} Sign the version: inferctl models sign {id}.");
        }

        var statement = StatementBundle.Verify(bundle, SignedStatement.VersionFileName, publicKeyPem, PublicKeySource);
        return statement.Subject == $"{id}"
            ? statement
            : throw CreateRefusedError(id,
                $"its {SignedStatement.VersionFileName} was signed for {ProblemText.Quote(statement.Subject)}, not for \"{id}\". Sign the "
                + "version under its own name.");
    }

    /// <summary>
    /// Reads a file; null when it does not exist. Reads at most one byte more than the maximum, so that the parser refuses a larger file.
    /// </summary>
    private static byte[]? Read(string? path, int maxSize)
    {
        if (!File.Exists(path))
            return null;
        using var file = File.OpenHandle(path);
        var content = new byte[Math.Min(RandomAccess.GetLength(file), maxSize + 1)];
        var length = 0;
        while (length < content.Length && RandomAccess.Read(file, content.AsSpan(length), length) is var read and > 0)
            length += read;
        return content[..length];
    }

    private static string GetFolder(ModelFiles files) => files.Folder ?? Path.GetDirectoryName(files.ModelPath)!;

    private static T RunCheck<T>(ModelId id, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (Exception e) when (e is FileProblemsException or IOException or UnauthorizedAccessException)
        {
            throw CreateRefusedError(id, e.Message, e);
        }
    }

    private static InferenceException CreateRefusedError(ModelId id, string reason, Exception? cause = null) =>
        new(InferenceError.ModelUnavailable, $"Model {id} is not trusted: {reason}", cause)
        {
            LastsUntilFilesChange = true,
            IsTrustFailure = true,
            Cause = FailureCause.Files,
        };
}
