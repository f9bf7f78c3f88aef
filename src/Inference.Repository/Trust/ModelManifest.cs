using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Layout;

namespace Inference.Repository.Trust;

/// <summary>
/// The digests of the files in a version's folder, in the format of <c>sha256sum</c>. Each line has 64 hexadecimal digits, two spaces or a
/// space and <c>*</c>, and the file's name.
/// </summary>
public sealed class ModelManifest
{
    public const string FileName = "model.sha256";

    /// <summary>
    /// The signature of the manifest alone, for older releases of this server, which do not read signed statements. This signature names
    /// neither the model nor the version.
    /// </summary>
    public const string SignatureFileName = FileName + ".sig";

    /// <summary>The maximum size of the file in bytes.</summary>
    public const int MaxSize = 1 << 20;

    private const int DigestLength = 64;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>
    /// The characters that no name may contain: control characters, the separators of Windows, and U+FFFD, which replaces invalid UTF-8.
    /// </summary>
    private static readonly SearchValues<char> Forbidden =
        SearchValues.Create([.. Enumerable.Range(0, '\u00a0').Select(code => (char)code).Where(char.IsControl), '\\', ':', '\ufffd']);

    private ModelManifest(ImmutableArray<ManifestEntry> entries) => Entries = entries;

    /// <summary>The entries in the order of the file. At least one is a model file, and no file is listed twice.</summary>
    public ImmutableArray<ManifestEntry> Entries { get; }

    /// <summary>Returns the path of a version's manifest; null for a version that cannot have one.</summary>
    public static string? GetPath(ModelFiles files) => files.Folder is { } folder ? Path.Combine(folder, FileName) : null;

    /// <summary>Parses the content of a manifest.</summary>
    /// <exception cref="FileProblemsException">The text is not a manifest of a model. The exception contains all problems.</exception>
    public static ModelManifest Parse(ReadOnlySpan<byte> manifest)
    {
        var problems = new ProblemList(FileName);
        var entries = ImmutableArray.CreateBuilder<ManifestEntry>();
        if (manifest.Length > MaxSize)
            problems.Add(0, 0, "", $"The file has {manifest.Length} bytes; at most {MaxSize} are read.");
        else
            ReadLines(Encoding.UTF8.GetString(ByteOrderMark.Skip(manifest)), entries, problems);
        if (problems.IsEmpty && entries.All(entry => !OnnxFileName.IsModel(entry.Name)))
            problems.Add(0, 0, "", $"{ModelVersion.ModelFileName} is not listed, and neither is another model file.");
        return problems.IsEmpty ? new ModelManifest(entries.ToImmutable()) : throw new FileProblemsException(problems.Problems);
    }

    private static void ReadLines(string manifest, ImmutableArray<ManifestEntry>.Builder entries, ProblemList problems)
    {
        // On a file system that ignores case, two spellings would name one file.
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var number = 0;
        foreach (var range in manifest.AsSpan().TrimEnd('\n').Split('\n'))
        {
            number++;
            var line = manifest.AsSpan(range).TrimEnd('\r');
            if (line.Length <= DigestLength + 2 || line[..DigestLength].ContainsAnyExcept(HexDigits) || line[DigestLength] != ' '
                || line[DigestLength + 1] is not (' ' or '*'))
            {
                problems.Add(number, 1, "", "This is not a line of sha256sum: 64 hexadecimal digits, two spaces, and a file's name.");
                continue;
            }

            var name = line[(DigestLength + 2)..].ToString();
            name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
            if (!IsSafeRelativePath(name))
            {
                problems.Add(number, DigestLength + 3, "",
                    $"{ProblemText.Quote(name)} is not a file of the version's folder: a relative name is expected, with / between folders and "
                    + "without . and ..");
            }
            else if (!names.Add(name))
            {
                problems.Add(number, DigestLength + 3, "", $"{ProblemText.Quote(name)} is listed twice.");
            }
            else
            {
                entries.Add(new ManifestEntry(name, line[..DigestLength].ToString().ToLowerInvariant(), number));
            }
        }
    }

    /// <summary>
    /// Whether the name stays inside its folder on every system: it is relative, without a drive, an NTFS stream or a parent folder.
    /// </summary>
    public static bool IsSafeRelativePath(string name) =>
        !name.AsSpan().ContainsAny(Forbidden) && name.Split('/').All(part => part is not ("" or "." or ".."));
}
