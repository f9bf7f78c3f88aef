using Inference.Models;
using Inference.Tensors;

namespace Inference.Tests.Batching;

/// <summary>
/// A model y = 2x whose runs end when the test says so: with the outputs, as cancelled when their token has fired, or failing on
/// <see cref="Poison"/>. Reads its inputs at the end of a run, so that memory given back too early is found out.
/// </summary>
internal sealed class SteppedSession(ModelSignature signature, ExecutionPlan plan) : IModelSession
{
    public const float Poison = -1;

    public ModelSignature Signature { get; } = signature;

    public ExecutionPlan Plan { get; set; } = plan;

    public bool ComputesHere { get; init; } = true;

    /// <summary>Rows that the outputs of runs have beyond their items, copies of the last; negative for fewer.</summary>
    public int ExtraRows { get; set; }

    /// <summary>Whether only runs of joined or split requests have <see cref="ExtraRows"/>, told by their input.</summary>
    public Func<Tensor, bool>? IsShared { get; set; }

    public List<Run> Running { get; } = [];

    /// <summary>The items of every run so far.</summary>
    public List<long> Runs { get; } = [];

    /// <summary>The inputs of every run so far.</summary>
    public List<float> Values { get; } = [];

    public int Disposals { get; private set; }

    public ValueTask<Tensor[]> RunAsync(IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
    {
        Assert.Equal(0, Disposals);
        var run = new Run(this, inputs[0], outputs.Count, cancellationToken);
        Running.Add(run);
        Runs.Add(inputs[0].Shape[0]);
        Values.AddRange(inputs[0].Values<float>());
        return new(run.Task);
    }

    public ValueTask DisposeAsync()
    {
        Assert.Empty(Running);
        Disposals++;
        return ValueTask.CompletedTask;
    }

    internal sealed class Run(SteppedSession session, Tensor input, int outputs, CancellationToken token) : TaskCompletionSource<Tensor[]>
    {
        public Tensor Input => input;

        public bool IsCancelled => token.IsCancellationRequested;

        public void End()
        {
            Assert.Equal(0, session.Disposals);
            session.Running.Remove(this);
            if (IsCancelled)
                SetCanceled(token);
            else if (input.Values<float>().Contains(Poison))
                SetException(new InferenceException(InferenceError.RuntimeFailure, "poison"));
            else
                SetResult([.. Enumerable.Range(1, outputs).Select(Output)]);
        }

        /// <summary>Ends as a run that the model refuses.</summary>
        public void Fail()
        {
            session.Running.Remove(this);
            SetException(new InferenceException(InferenceError.RuntimeFailure, "refused"));
        }

        private Tensor Output(int factor)
        {
            var output = Tensor.Rent(input.Type, input.Shape.WithFirst(input.Shape[0] + (session.IsShared?.Invoke(input) == false ? 0 : session.ExtraRows)));
            var values = input.Values<float>();
            for (var i = 0; i < output.Values<float>().Length; i++)
                output.Values<float>()[i] = 2 * factor * values[Math.Min(i, values.Length - 1)];
            return output;
        }
    }
}
