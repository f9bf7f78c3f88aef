using System.Collections.Immutable;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Models;

/// <summary>
/// A session whose requests and responses have other shapes than its model, because a settings file declares them. No element is copied:
/// an input becomes a view with another shape, and an output's memory moves to a tensor with another shape.
/// </summary>
internal sealed class ReshapedSession : IModelSession
{
    private readonly IModelSession _inner;
    private readonly ImmutableArray<TensorReshape?> _inputs;
    private readonly ImmutableArray<TensorReshape?> _outputs;

    /// <param name="inner">The session of the model. This session disposes it.</param>
    /// <param name="inputs">One reshape for each input of the model; null for an input that keeps its shape.</param>
    /// <param name="outputs">One reshape for each output of the model; null for an output that keeps its shape.</param>
    public ReshapedSession(IModelSession inner, ImmutableArray<TensorReshape?> inputs, ImmutableArray<TensorReshape?> outputs)
    {
        (_inner, _inputs, _outputs) = (inner, inputs, outputs);
        Signature = new ModelSignature(ApplyAll(inner.Signature.Inputs, inputs), ApplyAll(inner.Signature.Outputs, outputs))
        {
            ZeroSizeObstacle = inner.Signature.ZeroSizeObstacle,
            Initializers = inner.Signature.Initializers,
        };
    }

    public ModelSignature Signature { get; }

    public ExecutionPlan Plan => _inner.Plan;

    /// <summary>The verdict of the model; not proven when a reshape changes the axis of the items of an input or output.</summary>
    public BatchVerdict BatchVerdict
    {
        get
        {
            var verdict = _inner.BatchVerdict;
            if (verdict.Layout is not { } layout)
                return verdict;
            var reshapedName = FindReshapedItems(_inner.Signature.Inputs, _inputs, layout.Inputs)
                ?? FindReshapedItems(_inner.Signature.Outputs, _outputs, layout.Outputs);
            return reshapedName is null
                ? verdict
                : BatchVerdict.NotProven(
                    $"The settings reshape \"{reshapedName}\", which changes the axis of its items. The items are proven independent only "
                    + "along the model's axis.");
        }
    }

    public Task BatchExamined => _inner.BatchExamined;

    public void BeginExamination() => _inner.BeginExamination();

    public bool ComputesInProcess => _inner.ComputesInProcess;

    public ImmutableArray<string> OperatorLibraries => _inner.OperatorLibraries;

    public InferenceException? KnownFault => _inner.KnownFault;

    public Task<InferenceException?> CheckAsync(CancellationToken cancellationToken) => _inner.CheckAsync(cancellationToken);

    public void OfferSample(IReadOnlyList<Tensor> inputs) => _inner.OfferSample(ToModel(inputs));

    public async ValueTask<Tensor[]> RunAsync(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
    {
        var results = await _inner.RunAsync(ToModel(inputs), outputs, deadline, cancellationToken).ConfigureAwait(false);
        try
        {
            for (var i = 0; i < results.Length; i++)
            {
                if (_outputs[outputs[i]] is { } reshape)
                {
                    results[i] = results[i].MoveToShape(
                        reshape.ToCaller(results[i].Shape) ?? throw CreateUnexpectedShapeError(outputs[i], results[i].Shape));
                }
            }

            return results;
        }
        catch
        {
            results.DisposeAll();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private Tensor[] ToModel(IReadOnlyList<Tensor> inputs)
    {
        var reshaped = new Tensor[inputs.Count];
        for (var i = 0; i < reshaped.Length; i++)
            reshaped[i] = _inputs[i]?.ToModel(inputs[i].Shape) is { } shape ? inputs[i].Reshape(shape) : inputs[i];
        return reshaped;
    }

    private InferenceException CreateUnexpectedShapeError(int output, Shape shape) => new(
        InferenceError.RuntimeFailure,
        $"Output \"{_inner.Signature.Outputs[output].Name}\" has shape {shape}, which does not match the reshape in "
        + "the model's settings. Correct the settings.");

    private static ImmutableArray<TensorSpec> ApplyAll(ImmutableArray<TensorSpec> specs, ImmutableArray<TensorReshape?> reshapes) =>
        [.. specs.Select((spec, i) => reshapes[i]?.Apply(spec) ?? spec)];

    /// <summary>Returns the name of a tensor whose reshape changes the axis of the items; null when there is none.</summary>
    private static string? FindReshapedItems(
        ImmutableArray<TensorSpec> specs, ImmutableArray<TensorReshape?> reshapes, ImmutableArray<int> axes)
    {
        for (var i = 0; i < axes.Length; i++)
        {
            if (reshapes[i] is { } reshape && axes[i] != BatchLayout.Shared && !(reshape.HasBatch && axes[i] == 0))
                return specs[i].Name;
        }

        return null;
    }
}
