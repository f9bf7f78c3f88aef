using System.Collections.Frozen;
using Inference.Onnx.Proof.Rules;

namespace Inference.Onnx.Proof;

/// <summary>The operators with a rule. For any other operator, the proof fails, unless its result is the same for all items.</summary>
internal static class RuleTable
{
    private static readonly Lazy<FrozenDictionary<(string Domain, string Operator), Rule>> Rules = new(Create);

    /// <summary>The names of all operators that have a rule.</summary>
    public static IEnumerable<string> Operators => Rules.Value.Keys.Select(static key => key.Operator);

    /// <summary>Returns the rule of an operator; null when it has none.</summary>
    public static Rule? Find(string domain, string name) => Rules.Value.GetValueOrDefault((domain, name));

    private static FrozenDictionary<(string Domain, string Operator), Rule> Create()
    {
        var rules = new RuleSet();
        ElementwiseRules.AddTo(rules);
        MatrixRules.AddTo(rules);
        ShapeRules.AddTo(rules);
        SelectionRules.AddTo(rules);
        ReductionRules.AddTo(rules);
        ConvolutionRules.AddTo(rules);
        RecurrentRules.AddTo(rules);
        ClassicRules.AddTo(rules);
        ConstantRules.AddTo(rules);
        ControlRules.AddTo(rules);
        return rules.Rules.ToFrozenDictionary();
    }
}
