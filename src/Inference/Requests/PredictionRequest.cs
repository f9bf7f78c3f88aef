using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Requests;

/// <param name="Name">The model's name of the input.</param>
/// <param name="Path">The path in the request, for messages to the caller.</param>
public readonly record struct RequestInput(string Name, Tensor Tensor, string Path);

/// <summary>The decoded request of a caller. It owns the tensors.</summary>
public sealed class PredictionRequest : IDisposable
{
    private List<string>? _outputs;

    /// <summary>Echoed in the answer by protocols that have it.</summary>
    public string? Id { get; set; }

    /// <summary>In any order; <see cref="Predictor"/> checks them against the model's signature.</summary>
    public List<RequestInput> Inputs { get; } = new(capacity: 1);

    /// <summary>
    /// How much of each row of the inputs is content, where the rest is padding. Rows of different lengths may then run apart. Empty when
    /// every row is content. The inputs are of rank 2.
    /// </summary>
    public ImmutableArray<int> RowLengths { get; set; } = [];

    /// <summary>The outputs wanted, in this order; empty for all of the model's.</summary>
    public List<string> Outputs => _outputs ??= [];

    /// <summary>Most requests do: they have no list.</summary>
    internal bool WantsAll => _outputs is null or [];

    /// <summary>The form of the items in the answer.</summary>
    public AnswerItems AnswerItems { get; set; }

    /// <summary>The time for which the caller waits, from now; null without a limit.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>
    /// 0 is the most important; a request of priority n is served as if it had arrived n tenths of a second later, up to 100.
    /// </summary>
    public int Priority { get; set; }

    /// <summary>Call this at an input's name, before its value takes memory.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: an input of this name was read before.</exception>
    public void ThrowIfGiven(string name, string path)
    {
        foreach (var input in Inputs)
        {
            if (input.Name == name)
                throw InferenceException.InvalidRequest($"{path}: input \"{Quote.Of(name)}\" is given twice.", ErrorReason.InvalidName);
        }
    }

    /// <summary>
    /// Adds inputs to the request, where that takes too long for the thread that reads a request. Null when all inputs are there. It reads
    /// the body, which stays as it is until then.
    /// </summary>
    public Action<PredictionRequest, CancellationToken>? Work { get; set; }

    /// <summary>Runs <see cref="Work"/>, if there is any, on the calling thread.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is no request of the model.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void CompleteInputs(CancellationToken cancellationToken)
    {
        var work = Work;
        Work = null;
        work?.Invoke(this, cancellationToken);
    }

    public void Dispose()
    {
        foreach (var input in Inputs)
            input.Tensor.Dispose();
    }
}
