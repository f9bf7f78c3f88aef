using Inference.Batching;
using Inference.Catalog;
using Inference.Tensors;

namespace Inference.Tests.Batching;

/// <summary>A caller as <see cref="Predictor"/> is one: holds a lease and its input until it has its answer, and checks that.</summary>
internal sealed class Caller : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly float[] _values;
    private readonly ModelLease _lease;
    private readonly int _outputs;
    private bool _isTaken;

    public Caller(ModelLease lease, BatchQueue queue, float[] values, int width = 2, int outputs = 1, int priority = 0)
    {
        (_lease, _values, _outputs) = (lease, values, outputs);
        Input = Tensor.Create<float>(ElementType.Float32, new Shape(values.Length / width, width), values);
        try
        {
            Answer = queue.RunAsync([Input], [.. Enumerable.Range(0, outputs)], new RunTerms(priority), _cancellation.Token).AsTask();
        }
        catch (InferenceException e)
        {
            Answer = Task.FromException<Tensor[]>(e);
        }
    }

    public Tensor Input { get; }

    public Task<Tensor[]> Answer { get; }

    public bool IsServed => Answer.IsCompletedSuccessfully;

    public bool HasLeft => _cancellation.IsCancellationRequested;

    public InferenceError? Error => (Answer.Exception?.InnerException as InferenceException)?.Error;

    /// <summary>The only error that the caller may have had.</summary>
    public InferenceError Expected { get; set; } = InferenceError.Overloaded;

    public void Leave() => _cancellation.Cancel();

    /// <summary>The answer, of which the test knows that it is not this model's usual one.</summary>
    public Tensor[] TakeAnswer()
    {
        Assert.True(IsServed, Answer.Exception?.Message);
        _isTaken = true;
        return Answer.Result;
    }

    /// <summary>Takes the answer, which must be there and be right, and gives everything back.</summary>
    public void Dispose()
    {
        Assert.True(Answer.IsCompleted);
        if (_isTaken)
        {
            Answer.Result.DisposeAll();
        }
        else if (IsServed)
        {
            Assert.Equal(_outputs, Answer.Result.Length);
            for (var output = 0; output < _outputs; output++)
            {
                Assert.Equal(Input.Shape, Answer.Result[output].Shape);
                Assert.Equal(_values.Select(value => 2 * (output + 1) * value), Answer.Result[output].Values<float>().ToArray());
                Answer.Result[output].Dispose();
            }
        }
        else if (_values.Contains(SteppedSession.Poison))
        {
            Assert.True(Answer.IsCanceled ? HasLeft : Error is InferenceError.RuntimeFailure or InferenceError.Overloaded);
        }
        else
        {
            Assert.True(Answer.IsCanceled ? HasLeft : Error == Expected);
        }

        // What a run reads from here on is wrong.
        Input.Values<float>().Fill(float.NaN);
        Input.Dispose();
        _lease.Dispose();
        _cancellation.Dispose();
    }
}
