using System.Collections.Concurrent;
using System.Globalization;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Tests.Serving;

/// <summary>
/// Loads what a store's tag says: a number gives a model that answers it, "broken" one that does not load, "failing" one whose
/// runs fail, and "wide" one with another signature.
/// </summary>
internal sealed class TaggedRuntime : IModelRuntime
{
    public ConcurrentBag<Session> Sessions { get; } = [];

    public Action Loading { get; set; } = () => { };

    public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ExecutionSettings settings, CancellationToken cancellationToken)
    {
        if (files.ModelPath == "broken")
            throw new InferenceException(InferenceError.ModelUnavailable, "broken on purpose");
        Loading();
        var session = new Session(files.ModelPath);
        Sessions.Add(session);
        return Task.FromResult<IModelSession>(session);
    }

    internal sealed class Session(string tag) : IModelSession
    {
        public string Tag => tag;

        public int Runs { get; private set; }

        public bool IsDisposed { get; private set; }

        public ModelSignature Signature { get; } = tag == "wide" ? FakeModelRuntime.Signature(Shape.Dynamic, 3) : FakeModelRuntime.Doubler;

        public ExecutionPlan Plan => ExecutionPlan.Default;

        public bool ComputesHere => true;

        public ValueTask<Tensor[]> RunAsync(IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            Runs++;
            if (tag == "failing")
                throw new InferenceException(InferenceError.RuntimeFailure, "failing on purpose");
            var output = Tensor.Rent(ElementType.Float32, inputs[0].Shape);
            output.Values<float>().Fill(float.Parse(tag, CultureInfo.InvariantCulture));
            return ValueTask.FromResult<Tensor[]>([output]);
        }

        public void Dispose()
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            IsDisposed = true;
        }
    }
}
