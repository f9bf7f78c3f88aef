using System.Collections.Immutable;
using Inference.Onnx.Graph;
using Inference.Onnx.Proof.Rules;

namespace Inference.Onnx.Proof;

/// <summary>Derives the facts about all values of a model, node by node, for one choice of the inputs' item axes.</summary>
internal sealed class GraphProof(OnnxModel model, CancellationToken cancellationToken)
{
    /// <summary>The maximum depth of nested graphs and functions. A function that calls itself would otherwise never end.</summary>
    private const int MaxDepth = 32;

    /// <summary>The operators with random results, which differ between items even for shared inputs.</summary>
    private static readonly HashSet<string> RandomOperators = new(StringComparer.Ordinal)
    {
        "Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
    };

    private int _depth;

    /// <summary>The symbols of the unknown sizes and integers.</summary>
    public SymbolTable Symbols { get; } = new();

    /// <summary>
    /// The first node whose effect on the items cannot be derived, with the reason; null when there is no such node. The node is an
    /// obstacle even if no output depends on it, because the node may fail for certain numbers of items.
    /// </summary>
    public string? Obstacle { get; private set; }

    /// <summary>Computes the values of the model's outputs.</summary>
    public ProofValue[] Run(IReadOnlyDictionary<string, ProofValue> inputs)
    {
        var scope = new Scope(Parent: null, Name: "", model.Opsets);
        foreach (var (name, value) in inputs)
            scope.Values[name] = value;
        return Run(model.Graph, scope);
    }

    /// <summary>
    /// Computes the outputs of a graph that is an attribute of a node. The graph can use the values of the graph that contains the node.
    /// </summary>
    private ProofValue[] RunBranch(OnnxGraph graph, OnnxNode node, Scope scope, string name) =>
        RunNested(() => Run(graph, new Scope(scope, $"{scope.Name}{node.Outputs[0]}/{name}/", scope.Opsets)));

    private ProofValue[] Run(OnnxGraph graph, Scope scope)
    {
        foreach (var (name, tensor) in graph.Initializers)
            scope.Values.TryAdd(name, ConstantRules.FromTensor(tensor));
        RunNodes(graph.Nodes, scope);
        return [.. graph.Outputs.Select(output =>
            scope.Find(output.Name) ?? ProofValue.Failed($"Output \"{Quote.Shorten(output.Name)}\" is not an output of any node"))];
    }

    private void RunNodes(ImmutableArray<OnnxNode> nodes, Scope scope)
    {
        foreach (var node in nodes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var results = Run(node, scope);
            for (var i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i].Length > 0)
                {
                    scope.Values[node.Outputs[i]] = i < results.Length
                        ? results[i]
                        : ProofValue.Failed($"{node.Description}: output {i} has no rule");
                }
            }
        }
    }

    private ProofValue[] Run(OnnxNode node, Scope scope)
    {
        var inputs =
            node.Inputs.Select(name => name.Length == 0
                ? null
                : scope.Find(name)
                    ?? ProofValue.Failed($"{node.Description}: input \"{Quote.Shorten(name)}\" is not an output of any node"));
        var call = new NodeCall(node, scope.Opsets.GetValueOrDefault(node.Domain, 1), [.. inputs], scope, Symbols)
        {
            RunBranch = (graph, name) => RunBranch(graph, node, scope, name),
        };
        if (node.Outputs.IsEmpty)
            return [];
        if (call.Inputs.FirstOrDefault(static input => input?.Failure is not null) is { } failedInput)
            return RepeatForOutputs(node, failedInput);
        try
        {
            return Apply(call);
        }
        catch (Exception e) when (e is NotProvenException or ArithmeticException)
        {
            if (IsConstant(call))
                return RepeatForOutputs(node, ProofValue.SharedOfAnyShape);
            var reason = e is NotProvenException ? e.Message : "a number is too large for the proof";
            var failed = ProofValue.Failed($"{node.Description}: {reason}");
            Obstacle ??= failed.Failure;
            return RepeatForOutputs(node, failed);
        }
    }

    private ProofValue[] Apply(NodeCall call)
    {
        var node = call.Node;
        if (model.Functions.TryGetValue((node.Domain, node.Operator), out var function))
            return RunNested(() => RunFunction(function, call));
        if (IntegerRules.TryCompute(call) is { } computed)
            return computed;
        if (RuleTable.Find(node.Domain, node.Operator) is { } rule)
            return rule(call);
        throw new NotProvenException("the effect of the operator on the items is not known");
    }

    /// <summary>
    /// Whether the node has the same result for all items, because the node is not random and no value with items reaches it. Always false
    /// for an operator outside ONNX's own domains.
    /// </summary>
    private static bool IsConstant(NodeCall call) =>
        call.IsShared && call.Node.Domain is "" or "ai.onnx.ml" && !RandomOperators.Contains(call.Node.Operator)
        && call.Node.Attributes.Values.All(attribute => attribute.Graph is null || IsConstant(attribute.Graph, call.Scope));

    /// <summary>
    /// Whether the graph uses no value with items from the enclosing scope, and has no random node. Always false for a graph with an
    /// operator outside ONNX's own domains.
    /// </summary>
    private static bool IsConstant(OnnxGraph graph, Scope scope) =>
        graph.Outputs.All(output => scope.Find(output.Name) is null or { IsShared: true })
        && graph.Nodes.All(node => node.Domain is "" or "ai.onnx.ml" && !RandomOperators.Contains(node.Operator)
            && node.Inputs.All(name => scope.Find(name) is null or { IsShared: true })
            && node.Attributes.Values.All(attribute => attribute.Graph is null || IsConstant(attribute.Graph, scope)));

    private ProofValue[] RunFunction(OnnxFunction function, NodeCall call)
    {
        var scope = new Scope(
            Parent: null, $"{call.Scope.Name}{call.Node.Outputs[0]}/", function.Opsets.IsEmpty ? call.Scope.Opsets : function.Opsets);
        for (var i = 0; i < function.Inputs.Length; i++)
        {
            if (i < call.Inputs.Length && call.Inputs[i] is { } value)
                scope.Values[function.Inputs[i]] = value;
        }

        var attributes = function.Defaults.SetItems(call.Node.Attributes);
        RunNodes([.. function.Nodes.Select(node => BindAttributes(node, attributes))], scope);
        return [.. function.Outputs.Select(output =>
            scope.Find(output) ?? ProofValue.Failed($"{call.Node.Description}: no node of the function computes its output"))];
    }

    /// <summary>Replaces a node's references to attributes of its function with the values of these attributes.</summary>
    private static OnnxNode BindAttributes(OnnxNode node, ImmutableDictionary<string, OnnxAttribute> attributes)
    {
        if (node.Attributes.Values.All(static attribute => attribute.Reference is null && attribute.Graph is null))
            return node;
        var bound = ImmutableDictionary.CreateBuilder<string, OnnxAttribute>();
        foreach (var (name, attribute) in node.Attributes)
        {
            if (attribute.Reference is null)
            {
                bound[name] = attribute.Graph is { } graph
                    ? attribute with { Graph = graph with { Nodes = [.. graph.Nodes.Select(inner => BindAttributes(inner, attributes))] } }
                    : attribute;
            }
            else if (attributes.TryGetValue(attribute.Reference, out var value))
            {
                bound[name] = value with { Name = name };
            }
        }

        return node with { Attributes = bound.ToImmutable() };
    }

    private ProofValue[] RunNested(Func<ProofValue[]> run)
    {
        if (++_depth > MaxDepth)
            throw new NotProvenException($"graphs and functions are nested more than {MaxDepth} levels deep");
        try
        {
            return run();
        }
        finally
        {
            _depth--;
        }
    }

    private static ProofValue[] RepeatForOutputs(OnnxNode node, ProofValue value) => [.. Enumerable.Repeat(value, node.Outputs.Length)];
}
