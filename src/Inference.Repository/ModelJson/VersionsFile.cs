using System.Text;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;

namespace Inference.Repository.ModelJson;

/// <summary>
/// Reads <c>versions.json</c>: the labels, the traffic split and the shadow of a model. These settings change more often than all others
/// and are not signed.
/// </summary>
internal static class VersionsFile
{
    public const string Name = "versions.json";

    /// <param name="versions">
    /// The version settings of <c>model.json</c>. If they contain labels, traffic or a shadow, <c>versions.json</c> is refused.
    /// </param>
    /// <param name="problems">Receives the problems, including versions that <c>model.json</c> excludes.</param>
    public static VersionSettings Read(ReadOnlyMemory<byte> json, VersionSettings versions, ProblemList problems)
    {
        if (json.Span.StartsWith(Encoding.UTF8.Preamble))
            json = json[Encoding.UTF8.Preamble.Length..];
        if (!versions.Labels.IsEmpty || !versions.Traffic.IsEmpty || versions.Shadow is not null)
        {
            problems.Add(
                0, 0, "",
                $"{ModelSettings.FileName} also has \"labels\", \"traffic\" or \"shadow\". Use one file only: remove them from "
                + $"{ModelSettings.FileName}, or delete this file.");
            return versions;
        }

        if (LocatedJsonReader.Read(json, problems) is not { } root || !ModelJsonKeys.VersionsFile.TryRead(root, versions, out var read))
            return versions;
        if (problems.IsEmpty)
        {
            foreach (var (path, message) in Contradictions.FindInVersions(read))
                root.FindNearest(path.Skip(1)).AddProblem(message);
        }

        return read;
    }
}
