using Inference.Models;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote;

/// <summary>
/// The outputs of a response by name. The tensors may be views of the response's memory, so they are valid only until the response is
/// disposed.
/// </summary>
internal sealed class ResponseOutputs : IDisposable
{
    private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);

    public int Count => _outputs.Count;

    /// <summary>Adds a tensor, and takes ownership of the tensor, which may be a view of the response.</summary>
    /// <exception cref="PeerException">The response already has an output of this name.</exception>
    public void Add(string name, Tensor tensor)
    {
        if (_outputs.TryAdd(name, tensor))
            return;
        tensor.Dispose();
        throw PeerException.CreateMalformedError($"output \"{PeerText.ToOneLine(name)}\" is given twice.");
    }

    /// <returns>Copies in the requested order, which stay valid after the response's memory is returned to the pool.</returns>
    /// <exception cref="PeerException">An output is missing, or does not have the model's type.</exception>
    public Tensor[] Copy(ModelSignature signature, IReadOnlyList<int> outputs) => TensorArrays.Create(
        outputs.Count, (Response: this, signature, outputs),
        static (state, i) => state.Response.Copy(state.signature.Outputs[state.outputs[i]]));

    public void Dispose() => _outputs.Values.DisposeAll();

    private Tensor Copy(TensorSpec spec)
    {
        if (!_outputs.TryGetValue(spec.Name, out var tensor))
            throw PeerException.CreateMalformedError($"output \"{spec.Name}\" is missing.");
        if (tensor.Type != spec.Type)
        {
            throw PeerException.CreateMalformedError(
                $"output \"{spec.Name}\" is {tensor.Type.Name()}, but the model's is {spec.Type.Name()}.");
        }

        return Copy(tensor);
    }

    private static Tensor Copy(Tensor view)
    {
        if (view.Type != ElementType.Bytes)
        {
            var copy = Tensor.Rent(view.Type, view.Shape);
            view.Data.CopyTo(copy.Data);
            return copy;
        }

        using var builder = new TensorBuilder(ElementType.Bytes, view.Data.Length);
        foreach (var element in new PackedBytes(view.Data.Span))
            builder.AppendBytes(element);
        return builder.Build(view.Shape);
    }
}
