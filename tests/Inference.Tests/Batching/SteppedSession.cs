using Inference.Models;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Tests.Batching;

/// <summary>
/// A model y = 2x + s, z = 4x + s whose runs end only when the test ends them. A run returns its outputs, is cancelled if its token was
/// cancelled, or fails if an input is <see cref="Poison"/>. The optional second input s is a number that all items of a run share. A run
/// reads its inputs at its end, so that the test detects memory that was released too early.
/// </summary>
internal sealed class SteppedSession(ModelSignature signature, ExecutionPlan plan) : IModelSession
{
    public const float Poison = -1;

    public ModelSignature Signature { get; } = signature;

    public ExecutionPlan Plan { get; set; } = plan;

    public bool ComputesInProcess { get; init; } = true;

    /// <summary>
    /// The number of additional rows in the outputs of a run, which are copies of the last row. A negative number removes rows.
    /// </summary>
    public int ExtraRows { get; set; }

    /// <summary>The number of additional columns in the outputs of a run, which are zero.</summary>
    public int ExtraColumns { get; set; }

    /// <summary>
    /// Returns, by the input of a run, whether the run joins or splits requests. Only such runs then have <see cref="ExtraRows"/>. Null:
    /// all runs have them.
    /// </summary>
    public Func<Tensor, bool>? IsShared { get; set; }

    public List<Run> Running { get; } = [];

    /// <summary>The number of items of every run so far.</summary>
    public List<long> Runs { get; } = [];

    /// <summary>The inputs of every run so far.</summary>
    public List<float> Values { get; } = [];

    public int Disposals { get; private set; }

    /// <summary>The axis of the rows in each tensor.</summary>
    public BatchLayout Layout { get; init; } = BatchLayout.FromFirstAxis(signature);

    public BatchVerdict BatchVerdict { get; set; } = BatchVerdict.Unexamined;

    /// <summary>Whether runs are audits, which end at once and are not in <see cref="Runs"/> and <see cref="Values"/>.</summary>
    public bool IsAudit { get; set; }

    /// <summary>
    /// Computes an element of an output from its input element and all inputs of the run, so that items can depend on each other. Null
    /// computes the usual outputs.
    /// </summary>
    public Func<float, float[], float>? Mix { get; set; }

    public ValueTask<Tensor[]> RunAsync(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
    {
        Assert.Equal(0, Disposals);
        var run = new Run(this, inputs, outputs, cancellationToken);
        Running.Add(run);
        if (IsAudit)
        {
            run.End();
            return new(run.Task);
        }

        Runs.Add(inputs[0].Shape[Layout.Inputs[0]]);
        Values.AddRange(inputs[0].Values<float>());
        return new(run.Task);
    }

    public ValueTask DisposeAsync()
    {
        Assert.Empty(Running);
        Disposals++;
        return ValueTask.CompletedTask;
    }

    internal sealed class Run(SteppedSession session, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken token)
        : TaskCompletionSource<Tensor[]>
    {
        public Tensor Input => inputs[0];

        public bool IsCancelled => token.IsCancellationRequested;

        public void End()
        {
            Assert.Equal(0, session.Disposals);
            session.Running.Remove(this);
            if (IsCancelled)
                SetCanceled(token);
            else if (Input.Values<float>().Contains(Poison))
                SetException(new InferenceException(InferenceError.RuntimeFailure, "poison"));
            else
                SetResult([.. outputs.Select(Output)]);
        }

        /// <summary>Ends the run as if the model refused its inputs.</summary>
        public void Fail()
        {
            session.Running.Remove(this);
            SetException(new InferenceException(InferenceError.RuntimeFailure, "refused"));
        }

        private Tensor Output(int output)
        {
            var axis = session.Layout.Inputs[0];
            var (rows, columns) = ((int)Input.Shape[axis], (int)Input.Shape[1 - axis]);
            var extra = session.IsShared?.Invoke(Input) == false ? 0 : session.ExtraRows;
            var shared = inputs.Count > 1 ? inputs[1].Values<float>()[0] : 0;
            var all = Input.Values<float>().ToArray();
            return ItemTensor.Create(rows + extra, columns + session.ExtraColumns, session.Layout.Outputs[output], (row, column) =>
            {
                if (column >= columns)
                    return 0;
                var x = ItemTensor.Get(Input, axis, Math.Min(row, rows - 1), column);
                return session.Mix?.Invoke(x, all) ?? ((2 * (output + 1) * x) + shared);
            });
        }
    }
}
