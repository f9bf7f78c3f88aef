using System.Numerics;

namespace Inference.Text.Models;

/// <summary>A trie of tokens over UTF-16 code units. Its edges are in one hash table with open addressing.</summary>
internal sealed class TokenTrie
{
    public const int Root = 0;

    /// <summary>The result of <see cref="FindChild"/> when there is no node.</summary>
    public const int NoNode = -1;
    private const int NoValue = -1;

    private Edge[] _edges = new Edge[1024];
    private int _edgeCount;

    /// <summary>The value of each node.</summary>
    private int[] _values = new int[1024];
    private int _nodeCount = 1;

    /// <summary>The number of low bits that a hash loses to become an index of the edges.</summary>
    private int _shift = 64 - 10;

    public TokenTrie() => _values.AsSpan().Fill(NoValue);

    /// <summary>Adds a token, or replaces its value.</summary>
    /// <param name="value">A value that is not negative.</param>
    public void Add(string token, int value)
    {
        var node = Root;
        foreach (var character in token)
            node = FindChild(node, character) is >= 0 and var next ? next : AddNode(node, character);
        _values[node] = value;
    }

    /// <returns><see cref="NoNode"/> when no token continues with the character.</returns>
    public int FindChild(int node, char character)
    {
        var key = KeyOf(node, character);
        for (var index = SlotOf(key); _edges[index].Key != 0; index = (index + 1) & (_edges.Length - 1))
        {
            if (_edges[index].Key == key)
                return _edges[index].Node;
        }

        return NoNode;
    }

    /// <summary>Returns the value of the token that ends at a node; negative when no token ends there.</summary>
    public int ValueAt(int node) => _values[node];

    private int AddNode(int parent, char character)
    {
        if (_nodeCount == _values.Length)
        {
            Array.Resize(ref _values, _nodeCount * 2);
            _values.AsSpan(_nodeCount).Fill(NoValue);
        }

        if (++_edgeCount * 2 > _edges.Length)
            Grow();
        Insert(new Edge(KeyOf(parent, character), _nodeCount));
        return _nodeCount++;
    }

    private void Grow()
    {
        var edges = _edges;
        _edges = new Edge[edges.Length * 2];
        _shift = 64 - BitOperations.Log2((uint)_edges.Length);
        foreach (var edge in edges)
        {
            if (edge.Key != 0)
                Insert(edge);
        }
    }

    private void Insert(Edge edge)
    {
        var index = SlotOf(edge.Key);
        while (_edges[index].Key != 0)
            index = (index + 1) & (_edges.Length - 1);
        _edges[index] = edge;
    }

    /// <summary>Hashes a key by Fibonacci hashing: the multiplier is 2^64 divided by the golden ratio.</summary>
    private int SlotOf(ulong key) => (int)((key * 0x9E3779B97F4A7C15) >> _shift);

    /// <summary>Returns the key of an edge. A key is never zero, because zero marks empty entries.</summary>
    private static ulong KeyOf(int node, char character) => ((ulong)(uint)(node + 1) << 16) | character;

    private readonly record struct Edge(ulong Key, int Node);
}
