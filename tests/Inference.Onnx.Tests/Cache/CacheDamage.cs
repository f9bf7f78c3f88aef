using System.Text;
using Inference.Testing;

namespace Inference.Onnx.Tests.Cache;

/// <summary>Damages one file of a cached model.</summary>
internal static class CacheDamage
{
    /// <param name="damage">
    /// The damage: <c>truncated</c>, <c>one bit</c>, <c>foreign</c> and <c>gone</c> damage the graph, <c>entry</c> damages the entry, and
    /// any other value damages the link.
    /// </param>
    /// <param name="graph">The path of the optimized graph.</param>
    /// <param name="entry">The path of the entry.</param>
    /// <param name="link">The path of the link.</param>
    public static void Apply(string damage, string graph, string entry, string link)
    {
        var bytes = File.ReadAllBytes(graph);
        switch (damage)
        {
            case "truncated":
                File.WriteAllBytes(graph, bytes[..(bytes.Length / 2)]);
                break;
            case "one bit":
                bytes[^1] ^= 1;
                File.WriteAllBytes(graph, bytes);
                break;
            case "foreign":
                File.Copy(TestModels.Path("identity_float"), graph, overwrite: true);
                break;
            case "gone":
                File.Delete(graph);
                break;
            case "entry":
                File.WriteAllBytes(entry, Encoding.UTF8.GetBytes("\0damaged"));
                break;
            default:
                File.WriteAllText(link, "../../somewhere/else");
                break;
        }
    }
}
