using Inference.Batching;
using Inference.Catalog;
using Inference.Models.Contracts;
using Inference.Tensors;

namespace Inference.Tests.Batching;

/// <summary>
/// A caller of a queue, like <see cref="Predictor"/>. It holds a lease and its input until the request ends, and checks the result.
/// </summary>
internal sealed class Caller : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly float[] _values;
    private readonly ModelLease _lease;
    private readonly int _outputs;
    private readonly int _width;
    private readonly BatchLayout _layout;
    private readonly Tensor? _shared;
    private bool _isTaken;

    /// <param name="layout">The axis of the rows in each tensor; null for the first axis of all tensors.</param>
    /// <param name="shared">The value of the second input, if the layout has one.</param>
    /// <param name="isAdmitted">Whether the request is a further part of another request.</param>
    public Caller(
        ModelLease lease, BatchQueue queue, float[] values, int width = 2, int outputs = 1, int priority = 0, BatchLayout? layout = null,
        float shared = 0, bool isAdmitted = false)
    {
        (_lease, _values, _outputs, _width) = (lease, values, outputs, width);
        _layout = layout ?? BatchLayout.FromFirstAxis(lease.Model.Signature);
        Input = ItemTensor.Create(values.Length / width, width, _layout.Inputs[0], (row, column) => values[(row * width) + column]);
        if (_layout.Inputs.Length > 1)
            _shared = Tensor.Create<float>(ElementType.Float32, new Shape(), [shared]);
        try
        {
            Response = queue.RunAsync(
                _shared is null ? [Input] : [Input, _shared], [.. Enumerable.Range(0, outputs)],
                new RequestOptions(priority, IsAdmitted: isAdmitted), _cancellation.Token).AsTask();
        }
        catch (InferenceException e)
        {
            Response = Task.FromException<Tensor[]>(e);
        }
    }

    public Tensor Input { get; }

    public Task<Tensor[]> Response { get; }

    public bool IsServed => Response.IsCompletedSuccessfully;

    public bool HasCancelled => _cancellation.IsCancellationRequested;

    public InferenceError? Error => (Response.Exception?.InnerException as InferenceException)?.Error;

    /// <summary>The only error with which the request may fail.</summary>
    public InferenceError Expected { get; set; } = InferenceError.Overloaded;

    public void Cancel() => _cancellation.Cancel();

    /// <summary>Returns the result. <see cref="Dispose"/> then does not compare it with the model's usual result.</summary>
    public Tensor[] TakeResponse()
    {
        Assert.True(IsServed, Response.Exception?.Message);
        _isTaken = true;
        return Response.Result;
    }

    /// <summary>
    /// Checks that the request has ended with the right result or an expected error. Releases the result, the inputs and the lease.
    /// </summary>
    public void Dispose()
    {
        Assert.True(Response.IsCompleted);
        if (_isTaken)
        {
            Response.Result.DisposeAll();
        }
        else if (IsServed)
        {
            Assert.Equal(_outputs, Response.Result.Length);
            for (var output = 0; output < _outputs; output++)
            {
                using var expected = ItemTensor.Create(
                    _values.Length / _width, _width, _layout.Outputs[output],
                    (row, column) => (2 * (output + 1) * _values[(row * _width) + column]) + (_shared?.Values<float>()[0] ?? 0));
                Assert.Equal(expected.Shape, Response.Result[output].Shape);
                Assert.Equal(expected.Values<float>().ToArray(), Response.Result[output].Values<float>().ToArray());
                Response.Result[output].Dispose();
            }
        }
        else if (_values.Contains(SteppedSession.Poison))
        {
            Assert.True(Response.IsCanceled ? HasCancelled : Error is InferenceError.RuntimeFailure or InferenceError.Overloaded);
        }
        else
        {
            Assert.True(Response.IsCanceled ? HasCancelled : Error == Expected);
        }

        // A run that reads the inputs after their release computes NaN, so that the test detects it.
        Input.Values<float>().Fill(float.NaN);
        Input.Dispose();
        _shared?.Values<float>().Fill(float.NaN);
        _shared?.Dispose();
        _lease.Dispose();
        _cancellation.Dispose();
    }
}
