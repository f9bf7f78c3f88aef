using System.Collections.Frozen;
using Inference.Onnx.Proof.Rules;

namespace Inference.Onnx.Proof;

/// <summary>Says for one node what is known of its outputs, given its inputs.</summary>
/// <exception cref="NotProvenException">The node may mix items.</exception>
internal delegate ProofValue[] Rule(NodeCall call);

/// <summary>The operators that the proof knows. One that is not here ends it wherever it meets items.</summary>
internal sealed class RuleTable
{
    /// <summary>The domain of the operators that ONNX Runtime adds.</summary>
    public const string Runtime = "com.microsoft";

    private static readonly Lazy<FrozenDictionary<(string, string), Rule>> Rules = new(static () => new RuleTable()._rules.ToFrozenDictionary());

    private readonly Dictionary<(string Domain, string Operator), Rule> _rules = [];

    private RuleTable()
    {
        ElementwiseRules.AddTo(this);
        MatrixRules.AddTo(this);
        ShapeRules.AddTo(this);
        SelectionRules.AddTo(this);
        ReductionRules.AddTo(this);
        ConvolutionRules.AddTo(this);
        RecurrentRules.AddTo(this);
        ClassicRules.AddTo(this);
        ConstantRules.AddTo(this);
        ControlRules.AddTo(this);
    }

    /// <summary>The names of all operators that have a rule.</summary>
    public static IEnumerable<string> Operators => Rules.Value.Keys.Select(static key => key.Item2);

    /// <summary>The rule of an operator; null when it has none.</summary>
    public static Rule? Find(string domain, string name) => Rules.Value.GetValueOrDefault((domain, name));

    public void Add(string name, Rule rule) => Add("", name, rule);

    public void Add(string domain, string name, Rule rule) => _rules.Add((domain, name), rule);
}
