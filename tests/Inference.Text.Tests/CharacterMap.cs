using System.Buffers.Binary;
using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text.Tests;

/// <summary>
/// Creates a character map like nmt_nfkc of SentencePiece. The map decomposes characters compatibly, composes letters with their marks,
/// replaces white space by spaces, and drops invisible characters. The trie is a double array of Darts.
/// </summary>
internal static class CharacterMap
{
    private const uint HasLeaf = 1 << 8;
    private const uint IsLeaf = 1u << 31;
    private const int MaxOffset = 1 << 21;

    private sealed class Node
    {
        public SortedDictionary<byte, Node> Children { get; } = [];

        public int Value { get; set; } = -1;
    }

    public static byte[] Create()
    {
        var root = new Node();
        var blob = new List<byte>();
        foreach (var (key, replacement) in Replacements())
        {
            var node = root;
            foreach (var value in Encoding.UTF8.GetBytes(key))
                node = node.Children.TryGetValue(value, out var child) ? child : node.Children[value] = new Node();
            if (node.Value >= 0)
                continue;
            node.Value = blob.Count;
            blob.AddRange(Encoding.UTF8.GetBytes(replacement));
            blob.Add(0);
        }

        var trie = Build(root);
        var map = new byte[4 + (trie.Count * 4) + blob.Count];
        BinaryPrimitives.WriteInt32LittleEndian(map, trie.Count * 4);
        for (var index = 0; index < trie.Count; index++)
            BinaryPrimitives.WriteUInt32LittleEndian(map.AsSpan(4 + (index * 4)), trie[index]);
        blob.CopyTo(map, 4 + (trie.Count * 4));
        return map;
    }

    private static IEnumerable<(string Key, string Replacement)> Replacements()
    {
        foreach (var invisible in "\u0001\u0007\u001b\u007f\u0085\u200b\u200c\u2060\ufeff\u00ad")
            yield return (invisible.ToString(), "");
        foreach (var space in "\t\n\v\f\r\u00a0\u2003\u3000\u202f\u2028\u2029")
            yield return (space.ToString(), " ");
        yield return ("\r\n", " ");
        for (var code = 0xA0; code < 0x30000; code++)
        {
            if (code is >= 0xD800 and < 0xE000)
                continue;
            var letter = char.ConvertFromUtf32(code);
            if (UnicodeData.Instance.Decompose(code, isCompatible: true) is { } compatible)
                yield return (letter, string.Concat(compatible.Select(char.ConvertFromUtf32)));
            if (UnicodeData.Instance.Decompose(code, isCompatible: false) is { } canonical)
                yield return (string.Concat(canonical.Select(char.ConvertFromUtf32)), letter);
        }
    }

    private static List<uint> Build(Node root)
    {
        var units = new List<uint>();
        var used = new List<bool>();
        var first = 1;
        Reserve(0);
        var queue = new Queue<(Node Node, int Position)>([(root, 0)]);
        while (queue.TryDequeue(out var next))
        {
            var labels = next.Node.Children.Keys.ToList();
            if (next.Node.Value >= 0)
                labels.Insert(0, 0);
            while (first < used.Count && used[first])
                first++;
            var offset = Enumerable.Range(first, MaxOffset).First(offset => labels.TrueForAll(label => IsFree(offset ^ label)));
            units[next.Position] |= (uint)(next.Position ^ offset) << 10 | (next.Node.Value >= 0 ? HasLeaf : 0);
            foreach (var label in labels)
            {
                Reserve(offset ^ label);
                units[offset ^ label] = label == 0 && next.Node.Value >= 0 ? (uint)next.Node.Value | IsLeaf : label;
                if (label != 0)
                    queue.Enqueue((next.Node.Children[label], offset ^ label));
            }
        }

        return units;

        bool IsFree(int position) => position > 0 && (position >= used.Count || !used[position]);

        void Reserve(int position)
        {
            while (used.Count <= position)
            {
                used.Add(false);
                units.Add(0);
            }

            used[position] = true;
        }
    }
}
