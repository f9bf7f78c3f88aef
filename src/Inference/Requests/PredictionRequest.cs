using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Requests;

/// <summary>An input of a request.</summary>
/// <param name="Name">The name of the input in the model's signature.</param>
/// <param name="Path">The position of the input in the request's body, for error messages to the caller.</param>
public readonly record struct RequestInput(string Name, Tensor Tensor, string Path);

/// <summary>The decoded request of a caller. The request owns the tensors of the inputs.</summary>
public sealed class PredictionRequest : IDisposable
{
    private List<string>? _outputs;
    private int _chargedBytes;

    /// <summary>The request's identifier; null for none. Protocols that have identifiers return the identifier in the response.</summary>
    public string? Id { get; set; }

    /// <summary>The inputs in any order. <see cref="Predictor"/> checks the inputs against the model's signature.</summary>
    public List<RequestInput> Inputs { get; } = new(capacity: 1);

    /// <summary>
    /// The length of the content in each row of the inputs, whose rank is 2. The rest of a row is padding. Rows of different lengths may
    /// run separately. Empty when no row has padding.
    /// </summary>
    public ImmutableArray<int> RowLengths { get; set; } = [];

    /// <summary>The names of the requested outputs, in this order; empty for all outputs of the model.</summary>
    public List<string> Outputs => _outputs ??= [];

    /// <summary>Whether all outputs are requested. Most requests name no outputs, so the list is created on demand.</summary>
    internal bool WantsAllOutputs => _outputs is null or [];

    /// <summary>The form of the items in the response.</summary>
    public ResponseItems ResponseItems { get; set; }

    /// <summary>
    /// The time limit of the request, counted from the time when the request has been read; null when the request sets no limit.
    /// </summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>
    /// The priority; 0 is the most important. A request of priority n is served as if it had arrived n tenths of a second later. Priorities
    /// above 100 count as 100.
    /// </summary>
    public int Priority { get; set; }

    /// <summary>
    /// Throws if an input is repeated. Call this when the name of an input was read, before its value is read into memory.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: an input of this name was read before.</exception>
    public void ThrowIfRepeated(string name, string path)
    {
        foreach (var input in Inputs)
        {
            if (input.Name == name)
            {
                throw InferenceException.InvalidRequest(
                    $"{path}: input \"{Quote.Shorten(name)}\" is given twice.", ErrorReason.InvalidName);
            }
        }
    }

    /// <summary>
    /// An action that adds the remaining inputs, if reading them takes too long for the thread that reads the request. Null when all inputs
    /// are present. The action reads the request's body, so the body must not change before the action has run.
    /// </summary>
    public Action<PredictionRequest, CancellationToken>? RemainingWork { get; set; }

    /// <summary>Runs <see cref="RemainingWork"/>, if there is any, on the calling thread.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the body is not a request for the model.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void CompleteInputs(CancellationToken cancellationToken)
    {
        var work = RemainingWork;
        RemainingWork = null;
        work?.Invoke(this, cancellationToken);
    }

    /// <summary>
    /// Counts memory of the garbage collector's heap that the request holds besides its inputs. The memory counts until a collection after
    /// the disposal.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: no memory is free at the moment.</exception>
    public void Charge(int bytes)
    {
        if (bytes == 0)
            return;
        RequestMemory.Charge(bytes);
        _chargedBytes += bytes;
    }

    /// <summary>Counts the memory of strings, as <see cref="Charge"/> does.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: no memory is free at the moment.</exception>
    public void ChargeStrings(ImmutableArray<string> strings)
    {
        var characters = 0;
        foreach (var text in strings)
            characters += text.Length;
        Charge(characters * sizeof(char));
    }

    public void Dispose()
    {
        foreach (var input in Inputs)
            input.Tensor.Dispose();
        if (_chargedBytes > 0)
            RequestMemory.Abandon(_chargedBytes);
        _chargedBytes = 0;
    }
}
