using System.Collections.Immutable;

namespace Inference.Onnx.Graph;

/// <summary>
/// Reads the definition of the computation from an ONNX file. The numbers in the code are the field numbers of
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
/// </summary>
internal sealed partial class OnnxModelReader
{
    private readonly ProtoReader _file;
    private readonly OnnxTensorReader _tensors;
    private readonly CancellationToken _cancellationToken;

    private OnnxModelReader(ProtoReader file, CancellationToken cancellationToken)
    {
        (_file, _cancellationToken) = (file, cancellationToken);
        _tensors = new OnnxTensorReader(file);
    }

    /// <summary>Reads a model. Weights are skipped, except short constants.</summary>
    /// <exception cref="InvalidDataException">The file is not an ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    public static OnnxModel Read(string path, CancellationToken cancellationToken)
    {
        using var file = new ProtoReader(path);
        return new OnnxModelReader(file, cancellationToken).ReadModel();
    }

    /// <summary>Reads the names of the operator domains that the model declares. The graph is skipped.</summary>
    /// <exception cref="InvalidDataException">The file is not an ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    public static IReadOnlySet<string> ReadDomains(string path)
    {
        using var file = new ProtoReader(path);
        var opsets = ImmutableDictionary.CreateBuilder<string, long>();
        var reader = new OnnxModelReader(file, CancellationToken.None);
        while (file.TryReadTag(out var field, out var type))
        {
            if (field == 8)
                reader.ReadOpset(opsets);
            else
                file.Skip(type);
        }

        return opsets.Keys.ToHashSet();
    }

    private OnnxModel ReadModel()
    {
        OnnxGraph? graph = null;
        var opsets = ImmutableDictionary.CreateBuilder<string, long>();
        var functions = ImmutableDictionary.CreateBuilder<(string, string), OnnxFunction>();
        while (_file.TryReadTag(out var field, out var type))
        {
            switch (field)
            {
                case 7:
                    graph = ReadGraph();
                    break;
                case 8:
                    ReadOpset(opsets);
                    break;
                case 25:
                    ReadFunction(functions);
                    break;
                default:
                    _file.Skip(type);
                    break;
            }
        }

        return new OnnxModel(
            graph ?? throw new InvalidDataException("The file has no graph."), opsets.ToImmutable(), functions.ToImmutable())
        {
            WeightTypes = [.. _tensors.Types],
        };
    }

    private void ReadOpset(ImmutableDictionary<string, long>.Builder opsets)
    {
        var (domain, version) = _file.ReadMessage(new Opset("", 0), (opset, field) => field switch
        {
            1 => opset with { Domain = NormalizeDomain(_file.ReadString()) },
            2 => opset with { Version = _file.ReadInt64() },
            _ => null,
        });
        opsets[domain] = version;
    }

    private OnnxGraph ReadGraph()
    {
        var nodes = ImmutableArray.CreateBuilder<OnnxNode>();
        var initializers = ImmutableDictionary.CreateBuilder<string, OnnxTensor>();
        var inputs = ImmutableArray.CreateBuilder<OnnxValueInfo>();
        var outputs = ImmutableArray.CreateBuilder<OnnxValueInfo>();
        var outerEnd = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            switch (field)
            {
                case 1:
                    nodes.Add(ReadNode());
                    break;
                case 5:
                    var tensor = _tensors.Read();
                    initializers[tensor.Name] = tensor;
                    break;
                case 11:
                    inputs.Add(ReadValueInfo());
                    break;
                case 12:
                    outputs.Add(ReadValueInfo());
                    break;
                case 15:
                    var sparse = _tensors.ReadSparse();
                    initializers[sparse.Name] = sparse;
                    break;
                default:
                    _file.Skip(type);
                    break;
            }
        }

        _file.LeaveMessage(outerEnd);
        return new OnnxGraph(nodes.DrainToImmutable(), initializers.ToImmutable(), inputs.DrainToImmutable(), outputs.DrainToImmutable());
    }

    private void ReadFunction(ImmutableDictionary<(string, string), OnnxFunction>.Builder functions)
    {
        var (name, domain) = ("", "");
        var (inputs, outputs) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        var nodes = ImmutableArray.CreateBuilder<OnnxNode>();
        var opsets = ImmutableDictionary.CreateBuilder<string, long>();
        var defaults = ImmutableDictionary.CreateBuilder<string, OnnxAttribute>();
        var outerEnd = _file.EnterMessage();
        while (_file.TryReadTag(out var field, out var type))
        {
            switch (field)
            {
                case 1:
                    name = _file.ReadString();
                    break;
                case 4 or 5:
                    (field == 4 ? inputs : outputs).Add(_file.ReadString());
                    break;
                case 7:
                    nodes.Add(ReadNode());
                    break;
                case 9:
                    ReadOpset(opsets);
                    break;
                case 10:
                    domain = NormalizeDomain(_file.ReadString());
                    break;
                case 11:
                    ReadDefault(defaults);
                    break;
                default:
                    _file.Skip(type);
                    break;
            }
        }

        _file.LeaveMessage(outerEnd);
        functions[(domain, name)] = new OnnxFunction(
            inputs.DrainToImmutable(), outputs.DrainToImmutable(), nodes.DrainToImmutable(), opsets.ToImmutable(), defaults.ToImmutable());
    }

    private void ReadDefault(ImmutableDictionary<string, OnnxAttribute>.Builder defaults)
    {
        var attribute = ReadAttribute();
        defaults[attribute.Name] = attribute;
    }

    /// <summary>Returns one name for each domain. ONNX's own domain has two names in files: <c>ai.onnx</c> and the empty name.</summary>
    private static string NormalizeDomain(string name) => name == "ai.onnx" ? "" : name;

    private sealed record Opset(string Domain, long Version);
}
