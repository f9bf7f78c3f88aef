using Inference.Requests;
using Inference.Tensors;

namespace Inference.Shadow;

/// <summary>
/// A copy of a request and of its response. The copy outlives the originals, which are disposed when their caller has the response.
/// </summary>
internal sealed class ShadowRun : IDisposable
{
    private readonly List<NamedTensor> _outputs = [];

    private ShadowRun(PredictionRequest request, IReadOnlyList<NamedTensor> response)
    {
        Size = SizeOf(request, response);
        Request.Outputs.AddRange(request.Outputs);
        Request.RowLengths = request.RowLengths;
        try
        {
            foreach (var input in request.Inputs)
                Request.Inputs.Add(input with { Tensor = input.Tensor.Copy() });
            foreach (var output in response)
                _outputs.Add(output with { Tensor = output.Tensor.Copy() });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Copies a request and its response. Returns null when there is no memory for the copies.</summary>
    public static ShadowRun? TryCreate(PredictionRequest request, IReadOnlyList<NamedTensor> response)
    {
        try
        {
            return new ShadowRun(request, response);
        }
        catch (Exception e) when (e is InferenceException or OutOfMemoryException)
        {
            return null;
        }
    }

    /// <summary>The copy of the request, with only the properties that affect the outputs.</summary>
    public PredictionRequest Request { get; } = new();

    public IReadOnlyList<NamedTensor> Outputs => _outputs;

    /// <summary>The size of the copies in bytes.</summary>
    public long Size { get; }

    /// <summary>Returns the number of bytes that copies of a request and its response need.</summary>
    public static long SizeOf(PredictionRequest request, IReadOnlyList<NamedTensor> response)
    {
        var size = 0L;
        foreach (var input in request.Inputs)
            size += input.Tensor.Data.Length;
        foreach (var output in response)
            size += output.Tensor.Data.Length;
        return size;
    }

    public void Dispose()
    {
        Request.Dispose();
        foreach (var output in _outputs)
            output.Tensor.Dispose();
    }
}
