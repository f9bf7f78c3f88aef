using System.Globalization;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>The requested form of each output: JSON or binary data, and the tensor itself or its best classes.</summary>
public sealed class OutputForms
{
    internal const string ClassificationParameter = "classification";

    private Dictionary<string, bool>? _binaryOverrides;
    private Dictionary<string, int>? _classCounts;
    private List<string>? _omitted;

    /// <summary>The value of <c>binary_data_output</c> in the request.</summary>
    internal bool IsBinaryByDefault { get; set; }

    /// <summary>Whether gRPC responses have typed contents in addition to raw contents.</summary>
    internal bool HasTypedContents { get; set; }

    /// <summary>Whether any output is requested as its best classes.</summary>
    internal bool HasClasses => _classCounts is not null;

    /// <summary>
    /// Whether an output is sent as binary data. The output's own parameter takes precedence over the request's parameter.
    /// </summary>
    public bool IsBinary(string output) =>
        _binaryOverrides is not null && _binaryOverrides.TryGetValue(output, out var isBinary) ? isBinary : IsBinaryByDefault;

    /// <summary>Sets <c>binary_data</c> of one output, which overrides the request's value.</summary>
    internal void SetBinary(string output, bool isBinary) => (_binaryOverrides ??= [])[output] = isBinary;

    /// <summary>Returns the number of best classes that replace the output; null for the output itself.</summary>
    internal int? GetClassCount(string output) =>
        _classCounts is not null && _classCounts.TryGetValue(output, out var count) ? count : null;

    internal void SetClassCount(string output, int classCount) => (_classCounts ??= [])[output] = classCount;

    /// <summary>Omits an output from the response. The model computes such an output only for the labels of another output.</summary>
    internal void Omit(string output) => (_omitted ??= []).Add(output);

    internal bool IsOmitted(string output) => _omitted?.Contains(output) == true;

    /// <summary>
    /// Applies the forms that the request sets for outputs that are maps or lists. Such an output is sent as two tensors, its parts: keys
    /// and values, or shapes and elements. Both parts get the form of the output. Classes replace only the values of a list of maps.
    /// </summary>
    internal void ApplyToParts(ModelSignature signature)
    {
        foreach (var spec in signature.Outputs)
        {
            if (spec.Part is not { } part)
                continue;
            if (_binaryOverrides is not null && _binaryOverrides.TryGetValue(part.Output, out var isBinary))
                _binaryOverrides.TryAdd(spec.Name, isBinary);
            if (_classCounts is not null && spec.Type != ElementType.Bytes && part.HasItems
                && _classCounts.TryGetValue(part.Output, out var count))
            {
                _classCounts.TryAdd(spec.Name, count);
            }
        }
    }

    /// <param name="path">The path of the parameters.</param>
    /// <returns>Null for 0, which requests no classes.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the value is null or negative.</exception>
    internal static int? ParseClassCount(long? value, string path) => value is >= 0
        ? value == 0 ? null : (int)Math.Min(value.Value, int.MaxValue)
        : throw InferenceException.InvalidRequest(
            string.Create(CultureInfo.InvariantCulture, $"{path}.{ClassificationParameter} is not a whole number from 0."));
}
