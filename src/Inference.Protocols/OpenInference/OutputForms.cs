using System.Globalization;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>In which form a caller wants the outputs.</summary>
public sealed class OutputForms
{
    internal const string ClassificationParameter = "classification";

    private Dictionary<string, bool>? _exceptions;
    private Dictionary<string, int>? _classes;
    private List<string>? _unanswered;

    /// <summary><c>binary_data_output</c> of the request.</summary>
    internal bool IsBinaryByDefault { get; set; }

    /// <summary>Over gRPC, whether contents of their own go beside raw ones.</summary>
    internal bool IsTypedToo { get; set; }

    /// <summary>Whether any output is wanted as its best classes.</summary>
    internal bool HasClasses => _classes is not null;

    public bool IsBinary(string output) =>
        _exceptions is not null && _exceptions.TryGetValue(output, out var isBinary) ? isBinary : IsBinaryByDefault;

    /// <summary><c>binary_data</c> of one output, whatever the request says of all.</summary>
    internal void Set(string output, bool isBinary) => (_exceptions ??= [])[output] = isBinary;

    /// <summary>The number of best classes to send in place of the output; null for the output itself.</summary>
    internal int? Classes(string output) => _classes is not null && _classes.TryGetValue(output, out var count) ? count : null;

    internal void Classify(string output, int classes) => (_classes ??= [])[output] = classes;

    /// <summary>Leaves an output, which is computed for the labels of another one, out of the answer.</summary>
    internal void Omit(string output) => (_unanswered ??= []).Add(output);

    internal bool IsOmitted(string output) => _unanswered?.Contains(output) == true;

    /// <summary>
    /// Gives the parts of an output that is not a tensor the form that the caller named for the output. Its values are what classes are of.
    /// </summary>
    internal void ApplyToParts(ModelSignature signature)
    {
        foreach (var spec in signature.Outputs)
        {
            if (spec.Part is not { } part)
                continue;
            if (_exceptions is not null && _exceptions.TryGetValue(part.Output, out var isBinary))
                _exceptions.TryAdd(spec.Name, isBinary);
            if (_classes is not null && spec.Type != ElementType.Bytes && part.HasItems && _classes.TryGetValue(part.Output, out var count))
                _classes.TryAdd(spec.Name, count);
        }
    }

    /// <param name="path">The path of the parameters.</param>
    /// <returns>Null for 0, which asks for none.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    internal static int? CheckClasses(long? value, string path) => value is >= 0
        ? value == 0 ? null : (int)Math.Min(value.Value, int.MaxValue)
        : throw InferenceException.InvalidRequest(
            string.Create(CultureInfo.InvariantCulture, $"{path}.{ClassificationParameter} is not a whole number from 0."));
}
