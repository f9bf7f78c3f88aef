using System.Collections.Concurrent;
using System.Globalization;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Tests.Catalog;

/// <summary>
/// A runtime whose models behave as the tag of their files says. A number is the output of the model. "broken" fails its load, "failing"
/// fails its runs, and "wide" has another signature.
/// </summary>
internal sealed class TaggedRuntime : IModelRuntime
{
    public ConcurrentBag<Session> Sessions { get; } = [];

    /// <summary>The operation that a load runs before it returns.</summary>
    public Func<CancellationToken, Task> OnLoad { get; set; } = _ => Task.CompletedTask;

    /// <summary>
    /// Completes the examination of the sessions that are loaded from now on, with a proof. Null for sessions without an examination.
    /// </summary>
    public Task? Examined { get; set; }

    /// <summary>The operation that a request to begin the examination runs.</summary>
    public Action OnExamination { get; set; } = () => { };

    /// <summary>The settings of the last load.</summary>
    public ModelSettings? Settings { get; private set; }

    public async Task<string?> FindProblemAsync(Stream file, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync(cancellationToken) == "garbage" ? "It is garbage." : null;
    }

    public async Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, ModelSettings settings, CancellationToken cancellationToken)
    {
        if (files.ModelPath == "broken")
            throw new InferenceException(InferenceError.ModelUnavailable, "broken on purpose");
        Settings = settings;
        await OnLoad(cancellationToken);
        var session = new Session(files.ModelPath, Examined, OnExamination);
        Sessions.Add(session);
        return session;
    }

    internal sealed class Session(string tag, Task? examined, Action onExamination) : IModelSession
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Tag => tag;

        public int Runs { get; private set; }

        public bool IsDisposed => _ended.Task.IsCompleted;

        /// <summary>Completes when the session is disposed.</summary>
        public Task Ended => _ended.Task;

        public ModelSignature Signature { get; } = tag == "wide" ? FakeModelRuntime.Signature(Shape.Dynamic, 3) : FakeModelRuntime.Doubler;

        public ExecutionPlan Plan => ExecutionPlan.Default;

        public BatchVerdict BatchVerdict => examined switch
        {
            null => BatchVerdict.Unexamined,
            { IsCompleted: true } => BatchVerdict.Proven(BatchLayout.FromFirstAxis(Signature)),
            _ => BatchVerdict.Pending,
        };

        public Task BatchExamined => examined ?? Task.CompletedTask;

        public void BeginExamination() => onExamination();

        public bool ComputesInProcess => true;

        public ValueTask<Tensor[]> RunAsync(
            IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            Runs++;
            if (tag == "failing")
                throw new InferenceException(InferenceError.RuntimeFailure, "failing on purpose");
            var output = Tensor.Rent(ElementType.Float32, inputs[0].Shape);
            output.Values<float>().Fill(float.Parse(tag, CultureInfo.InvariantCulture));
            return ValueTask.FromResult<Tensor[]>([output]);
        }

        public ValueTask DisposeAsync()
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            _ended.SetResult();
            return ValueTask.CompletedTask;
        }
    }
}
