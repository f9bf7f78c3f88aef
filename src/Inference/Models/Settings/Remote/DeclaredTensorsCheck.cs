using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models.Settings.Remote;

/// <summary>
/// Compares the inputs and outputs that a settings file declares with the model's, according to the rules of Triton's ONNX Runtime backend.
/// Either all inputs are declared or none. Outputs may be omitted. A dimension that is fixed in the model is declared with the same size.
/// </summary>
internal static class DeclaredTensorsCheck
{
    public static IEnumerable<FileProblem> FindProblems(DeclaredTensors declared, ModelSignature signature) =>
    [
        .. CheckBatch(declared, signature),
        .. FindMissing(declared, signature),
        .. CheckTensors("input", declared.Inputs, signature.Inputs, declared),
        .. CheckTensors("output", declared.Outputs, signature.Outputs, declared),
    ];

    private static IEnumerable<FileProblem> CheckBatch(DeclaredTensors declared, ModelSignature signature)
    {
        if (declared.MaxBatchSize is not > 0)
            yield break;
        foreach (var (role, spec) in signature.Inputs.Select(spec => ("input", spec))
            .Concat(signature.Outputs.Select(spec => ("output", spec))))
        {
            if (spec.Shape.Rank > 0 && spec.Shape[0] == Shape.Dynamic)
                continue;
            yield return CreateProblem(
                declared.File, "max_batch_size",
                $"It is {declared.MaxBatchSize}, but the model's {role} {ProblemText.Quote(spec.Name)} has shape {spec.Shape}: "
                + "its first dimension is not dynamic (-1), so it cannot be the batch. Write max_batch_size: 0.");
        }
    }

    private static IEnumerable<FileProblem> FindMissing(DeclaredTensors declared, ModelSignature signature)
    {
        if (declared.Inputs.IsEmpty)
            yield break;
        foreach (var spec in signature.Inputs.Where(spec => declared.Inputs.All(tensor => tensor.Name != spec.Name)))
        {
            yield return CreateProblem(
                declared.File, "input", $"The model's input {ProblemText.Quote(spec.Name)} ({spec.Type.Name()} {spec.Shape}) is missing. "
                + "Declare every input, or none.");
        }
    }

    private static IEnumerable<FileProblem> CheckTensors(
        string field, ImmutableArray<DeclaredTensor> tensors, ImmutableArray<TensorSpec> specs, DeclaredTensors declared)
    {
        foreach (var tensor in tensors)
        {
            var name = ProblemText.Quote(tensor.Name);
            if (specs.FirstOrDefault(spec => spec.Name == tensor.Name) is not { } spec)
            {
                yield return CreateProblem(declared.File, field,
                    $"The model has no {field} {name}; it has {string.Join(", ", specs.Select(spec => ProblemText.Quote(spec.Name)))}.",
                    tensor);
                continue;
            }

            if (tensor.Type is { } type && type != spec.Type)
            {
                yield return CreateProblem(
                    declared.File, field, $"{name} is declared as {type.Name()}, but the model has {spec.Type.Name()}.", tensor);
            }

            if (tensor.Dims is { } dims && !spec.AcceptsAnyShape && !Fits(dims, spec.Shape, declared.MaxBatchSize))
            {
                var batchText = declared.MaxBatchSize > 0
                    ? $" after the batch dimension that max_batch_size: {declared.MaxBatchSize} adds"
                    : "";
                yield return CreateProblem(declared.File, field,
                    $"{name} is declared with dimensions {new Shape(dims.AsSpan())}{batchText}, but the model has {spec.Shape}.", tensor);
            }
        }
    }

    /// <summary>
    /// Whether the declared dimensions fit the model's shape. Without <c>max_batch_size</c>, the declared dimensions may include or omit
    /// the batch dimension, as in Triton.
    /// </summary>
    private static bool Fits(ImmutableArray<long> dims, Shape shape, int? maxBatchSize)
    {
        Shape batched = new([Shape.Dynamic, .. dims]);
        Shape unbatched = new(dims.AsSpan());
        return maxBatchSize switch
        {
            null => Fits(unbatched, shape) || (shape.Rank > 0 && shape[0] == Shape.Dynamic && Fits(batched, shape)),
            0 => Fits(unbatched, shape),
            _ => Fits(batched, shape),
        };
    }

    private static bool Fits(Shape declared, Shape shape) => declared.Rank == shape.Rank
        && Enumerable.Range(0, shape.Rank).All(axis => shape[axis] == Shape.Dynamic || shape[axis] == declared[axis]);

    private static FileProblem CreateProblem(string file, string path, string message, DeclaredTensor? tensor = null) =>
        new(file, tensor?.Line ?? 0, tensor?.Column ?? 0, path, message);
}
