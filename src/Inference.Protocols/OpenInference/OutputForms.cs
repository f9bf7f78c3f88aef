namespace Inference.Protocols.OpenInference;

/// <summary>Which outputs a caller wants as binary data, and which as JSON.</summary>
public sealed class OutputForms
{
    private Dictionary<string, bool>? _exceptions;

    /// <summary><c>binary_data_output</c> of the request.</summary>
    internal bool IsBinaryByDefault { get; set; }

    public bool IsBinary(string output) =>
        _exceptions is not null && _exceptions.TryGetValue(output, out var isBinary) ? isBinary : IsBinaryByDefault;

    /// <summary><c>binary_data</c> of one output, whatever the request says of all.</summary>
    internal void Set(string output, bool isBinary) => (_exceptions ??= [])[output] = isBinary;
}
