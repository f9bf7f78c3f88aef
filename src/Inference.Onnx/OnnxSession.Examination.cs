using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Onnx;

/// <summary>The examination whether requests may share runs, and its verdict.</summary>
internal sealed partial class OnnxSession
{
    private readonly TaskCompletionSource _examined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _examinationBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile BatchVerdict _batchVerdict = BatchVerdict.Unexamined;

    /// <remarks>For a model that must be examined: <see cref="BatchVerdict.Pending"/> until the examination ends.</remarks>
    public BatchVerdict BatchVerdict
    {
        get => _batchVerdict;
        set
        {
            _batchVerdict = value;
            if (value.Kind != BatchVerdictKind.Pending)
                _examined.TrySetResult();
        }
    }

    /// <summary>The inputs from warm-up requests, for the examination.</summary>
    public WarmUpInputs WarmUpInputs { get; } = new();

    /// <summary>Completes with the first call of <see cref="BeginExamination"/>.</summary>
    public Task ExaminationBegun => _examinationBegun.Task;

    public Task BatchExamined => _batchVerdict.Kind == BatchVerdictKind.Pending ? _examined.Task : Task.CompletedTask;

    public void BeginExamination() => _examinationBegun.TrySetResult();

    public void OfferSample(IReadOnlyList<Tensor> inputs)
    {
        if (!Background.IsCompleted)
            WarmUpInputs.Add(inputs);
    }
}
