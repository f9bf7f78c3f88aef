using System.Collections.Immutable;
using System.Diagnostics;
using Inference.Models;
using Inference.Onnx.Crash;
using Inference.Onnx.Native;
using Inference.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>A loaded ONNX model, which runs on the threads of its callers.</summary>
/// <param name="threads">The number of threads per run with which the native session was created.</param>
internal sealed partial class OnnxSession(InferenceSession session, ModelSignature signature, int threads) : IModelSession
{
    /// <summary>A first run that takes this many times the requested measuring time is not repeated.</summary>
    private const int LongRunFactor = 10;

    /// <summary>The options of the thread's current run, which can terminate the run. A thread has one run at a time.</summary>
    [ThreadStatic]
    private static RunOptions? _threadOptions;

    [ThreadStatic]
    private static NativeValues? _threadInputs;

    [ThreadStatic]
    private static NativeValues? _threadOutputs;

    private readonly string[] _inputNames = [.. signature.Inputs.Select(input => input.Name)];
    private readonly string[] _outputNames = [.. signature.Outputs.Select(GetNativeName).Distinct()];
    private readonly CancellationTokenSource _stop = new();
    private volatile RefCountedSession _session = new(session, signature, threads);
    private volatile ExecutionPlan _plan = ExecutionPlan.Default with { Threads = threads };

    // False if an output is a map, a list, or also an input (no run writes an input). Also false after a declared shape was wrong.
    private volatile bool _preallocatesOutputs =
        !signature.HasParts && signature.Outputs.All(output => signature.IndexOfInput(output.Name) < 0);

    /// <summary>The entry of the version in the crash journal, retained by the session; null for a version without an entry.</summary>
    public JournaledVersion? Journaled
    {
        get;
        init
        {
            value?.Retain();
            field = value;
        }
    }

    /// <summary>Measures the memory of runs; null when the memory is not measured.</summary>
    public RunMemory? RunMemory { get; init; }

    public ModelSignature Signature { get; } = signature;

    public ExecutionPlan Plan
    {
        get => _plan;
        set => _plan = value with { Threads = _session.Threads };
    }

    /// <summary>The background work that uses the session; see <see cref="StartBackgroundWork"/>.</summary>
    public Task Background { get; private set; } = Task.CompletedTask;

    public ImmutableArray<string> OperatorLibraries { get; init; } = [];

    public bool ComputesInProcess => true;

    public ValueTask<Tensor[]> RunAsync(
        IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, Deadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult(Run(ModelActivity.Running, inputs, outputs, cancellationToken));
        }
        catch (Exception e)
        {
            return ValueTask.FromException<Tensor[]>(e);
        }
    }

    /// <summary>Exchanges the native sessions of two sessions of one model, and takes over the plan of the other session.</summary>
    public void ExchangeNativeSessions(OnnxSession other)
    {
        other._session = Interlocked.Exchange(ref _session, other._session);
        Plan = other.Plan;
    }

    /// <summary>Starts work that uses the session. Disposal cancels the token of the work, and waits for the end of the work.</summary>
    public void StartBackgroundWork(Func<CancellationToken, Task> work) => Background = work(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        // The wait is short, because a cancelled load or run ends at its next node.
        await Background.ConfigureAwait(false);
        _examined.TrySetResult();
        _stop.Dispose();
        using (JournalMark.Begin(Journaled, ModelActivity.Unloading))
            _session.Release();
        Journaled?.Release();
        NativeHeap.Trim();
    }

    /// <summary>Runs generated inputs on this thread for the preparation; see <see cref="IModelSession.RunAsync"/>.</summary>
    public Tensor[] Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken cancellationToken) =>
        Run(ModelActivity.Preparing, inputs, outputs, cancellationToken);

    private Tensor[] Run(
        ModelActivity activity, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken cancellationToken)
    {
        using var mark = JournalMark.Begin(Journaled, activity);
        using var memory = activity == ModelActivity.Running && RunMemory is not null ? RunMemory.Begin(inputs) : default;
        var session = RetainSession();
        try
        {
            return Run(session, inputs, outputs, cancellationToken);
        }
        finally
        {
            session.Release();
        }
    }

    /// <summary>Repeats a run for at least <paramref name="minTime"/>. The first run counts only if no other run follows.</summary>
    /// <returns>The mean time of a run, and the time of all runs together.</returns>
    public (TimeSpan RunTime, TimeSpan TotalTime) MeasureRunTime(
        IReadOnlyList<Tensor> inputs, TimeSpan minTime, CancellationToken cancellationToken)
    {
        int[] outputs = [.. Enumerable.Range(0, Signature.Outputs.Length)];
        var start = Stopwatch.GetTimestamp();
        Run(inputs, outputs, cancellationToken).DisposeAll();
        if (Stopwatch.GetElapsedTime(start) is var firstTime && firstTime >= LongRunFactor * minTime)
            return (firstTime, firstTime);
        var repeatStart = Stopwatch.GetTimestamp();
        for (var runs = 1; ; runs++)
        {
            Run(inputs, outputs, cancellationToken).DisposeAll();
            if (Stopwatch.GetElapsedTime(repeatStart) is var elapsed && elapsed >= minTime)
                return (elapsed / runs, Stopwatch.GetElapsedTime(start));
        }
    }

    private Tensor[] Run(
        RefCountedSession session, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, CancellationToken cancellationToken)
    {
        var options = _threadOptions ??= new RunOptions();
        // Disposing the registration waits for a running callback, so no callback sets Terminate after the reset below.
        var registration = cancellationToken.UnsafeRegister(static options => ((RunOptions)options!).Terminate = true, options);
        try
        {
            return RunPreallocated(session, options, inputs, outputs) ?? RunAllocated(session.Native, options, inputs, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var difference = SharedDimensions.DescribeDifference(Signature, inputs) is { } sentence ? $". {sentence}" : "";
            var reason = Quote.ShortenLongMessage(NativeMessage.GetRunReason(e.Message)).TrimEnd('.');
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                NativeLibraryFailure.IsOutOfMemory(reason)
                    ? $"There is not enough memory for this run: {reason}. Send fewer or smaller items.{NativeLibraryFailure.GetMemoryAdvice()}"
                    : $"The model failed on these inputs: {reason}{difference}",
                e);
        }
        finally
        {
            registration.Dispose();
            options.Terminate = false;
        }
    }

    /// <summary>
    /// Runs the model with preallocated memory for the outputs. Returns null when the shapes of the outputs are not known before the run.
    /// </summary>
    private Tensor[]? RunPreallocated(
        RefCountedSession session, RunOptions options, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs)
    {
        if (!_preallocatesOutputs)
            return null;
        try
        {
            return session.Bound?.TryRun(options, inputs, outputs) ?? RunIntoPooled(session.Native, options, inputs, outputs);
        }
        catch (OnnxRuntimeException) when (!options.Terminate)
        {
            // If the inputs caused the failure, the second run fails too. Otherwise the declared shapes are wrong.
            var results = RunAllocated(session.Native, options, inputs, outputs);
            _preallocatesOutputs = false;
            return results;
        }
    }

    /// <summary>
    /// Runs the model with pooled tensors for the outputs. Returns null when the shapes of the outputs are not known before the run.
    /// </summary>
    private Tensor[]? RunIntoPooled(InferenceSession session, RunOptions options, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs)
    {
        var results = new Tensor[outputs.Count];
        var hasRun = false;
        try
        {
            for (var i = 0; i < results.Length; i++)
            {
                var output = Signature.Outputs[outputs[i]];
                if (!OutputShapes.TryResolve(output, Signature, inputs, out var shape))
                    return null;
                // A kernel may not write its whole output, and pooled memory contains data of other callers.
                (results[i] = Tensor.Rent(output.Type, shape)).Data.Span.Clear();
            }

            using var inputValues = (_threadInputs ??= new NativeValues()).Fill(inputs);
            using var outputValues = (_threadOutputs ??= new NativeValues()).Fill(results);
            session.Run(options, _inputNames, inputValues.Values, GetOutputNames(outputs), outputValues.Values);
            hasRun = true;
            return results;
        }
        finally
        {
            if (!hasRun)
                results.DisposeAll();
        }
    }

    private Tensor[] RunAllocated(InferenceSession session, RunOptions options, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs)
    {
        using var inputValues = (_threadInputs ??= new NativeValues()).Fill(inputs);
        var names = GetOutputNames(outputs);
        using var values = session.Run(options, _inputNames, inputValues.Values, names);
        var results = new Tensor[outputs.Count];
        try
        {
            for (var i = 0; i < names.Length; i++)
            {
                if (Signature.HasParts && Signature.IndexOfOutput(names[i]) < 0)
                    OutputParts.Read(values[i], names[i], Signature, outputs, results);
                else
                    results[Signature.HasParts ? IndexOf(outputs, names[i]) : i] = NativeValues.ToTensor(values[i], names[i]);
            }

            OutputParts.ThrowIfMissing(results, outputs, Signature);
            return results;
        }
        catch
        {
            results.DisposeAll();
            throw;
        }
    }

    /// <summary>Retains the current native session for a run. After an exchange, the last run disposes the old session.</summary>
    private RefCountedSession RetainSession()
    {
        while (true)
        {
            var session = _session;
            if (session.TryRetain())
                return session;
        }
    }

    private string[] GetOutputNames(IReadOnlyList<int> outputs)
    {
        var areAll = outputs.Count == Signature.Outputs.Length;
        for (var i = 0; areAll && i < outputs.Count; i++)
            areAll = outputs[i] == i;
        return areAll ? _outputNames : [.. outputs.Select(output => GetNativeName(Signature.Outputs[output])).Distinct()];
    }

    private int IndexOf(IReadOnlyList<int> outputs, string name)
    {
        var position = Signature.IndexOfOutput(name);
        var index = 0;
        while (outputs[index] != position)
            index++;
        return index;
    }

    /// <summary>Returns the name of the model's output to which the tensor belongs.</summary>
    private static string GetNativeName(TensorSpec output) => output.Part?.Output ?? output.Name;
}
