namespace Inference.Onnx.Proof;

/// <summary>Derives the facts about a node's outputs from the facts about its inputs.</summary>
/// <exception cref="NotProvenException">The node may mix items.</exception>
internal delegate ProofValue[] Rule(NodeCall call);

/// <summary>The rules by the domain and name of their operators.</summary>
internal sealed class RuleSet
{
    /// <summary>The domain of the operators that ONNX Runtime adds.</summary>
    public const string RuntimeDomain = "com.microsoft";

    private readonly Dictionary<(string Domain, string Operator), Rule> _rules = [];

    public IReadOnlyDictionary<(string Domain, string Operator), Rule> Rules => _rules;

    /// <summary>Adds the rule of an operator of ONNX.</summary>
    public void Add(string name, Rule rule) => Add("", name, rule);

    public void Add(string domain, string name, Rule rule) => _rules.Add((domain, name), rule);
}
