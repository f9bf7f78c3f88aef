using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Inference.Requests;
using Inference.Tensors;

namespace CodecBench;

/// <summary>
/// Measures nanoseconds per FP32 element for reading and for writing, compared with System.Text.Json's serializer on the same data.
/// </summary>
public class TensorCodec
{
    private const int Elements = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _output = new(64 * Elements);
    private float[] _values = [];
    private byte[] _json = [];
    private byte[] _array = [];
    private byte[] _binaryHeader = [];
    private byte[] _binary = [];
    private ModelSignature _signature = null!;
    private Prediction _prediction = null!;
    private OutputForms _binaryForms = null!;

    /// <summary>The form of the numbers: pixels, rounded features, shortest floats, or doubles as Python writes a float32 array.</summary>
    [Params("integers", "decimals", "floats", "doubles")]
    public string Text { get; set; } = "floats";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var texts = new string[Elements];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Text switch
            {
                "integers" => random.Next(256).ToString(CultureInfo.InvariantCulture),
                "decimals" => (random.Next(2_000_000) / 1e6 - 1).ToString("0.######", CultureInfo.InvariantCulture),
                "floats" => random.NextSingle().ToString(CultureInfo.InvariantCulture),
                _ => ((double)random.NextSingle()).ToString("R", CultureInfo.InvariantCulture),
            };
        }

        _values = Array.ConvertAll(texts, text => float.Parse(text, CultureInfo.InvariantCulture));
        var array = $"[{string.Join(',', texts)}]";
        _array = Encoding.UTF8.GetBytes(array);
        _json = Encoding.UTF8.GetBytes(
            $"{{\"inputs\":[{{\"name\":\"x\",\"shape\":[{Elements}],\"datatype\":\"FP32\",\"data\":{array}}}]}}");
        _binaryHeader = Encoding.UTF8.GetBytes(
            $"{{\"parameters\":{{\"binary_data_output\":true}},\"inputs\":[{{\"name\":\"x\",\"shape\":[{Elements}],\"datatype\":\"FP32\",\"parameters\":{{\"binary_data_size\":{4 * Elements}}}}}]}}");
        _binary = System.Runtime.InteropServices.MemoryMarshal.AsBytes(_values.AsSpan()).ToArray();
        var spec = new TensorSpec("x", ElementType.Float32, new Shape(-1), ["n"]);
        _signature = new ModelSignature([spec], [spec]);
        _prediction = new Prediction(
            new Model(new ModelId(ModelName.Parse("m"), 1), _signature, []),
            null,
            [new NamedTensor("x", Tensor.Create<float>(ElementType.Float32, new Shape(Elements), _values))]);
        var body = new InferBody(_binaryHeader, _binary);
        OpenInferenceReader.Read(body, _signature).Dispose();
        _binaryForms = body.Outputs;
    }

    [Benchmark(OperationsPerInvoke = Elements)]
    public void ReadJson() => OpenInferenceReader.Read(_json).Dispose();

    [Benchmark(OperationsPerInvoke = Elements)]
    public float[]? ReadSystemTextJson() => JsonSerializer.Deserialize<float[]>(_array);

    [Benchmark(OperationsPerInvoke = Elements)]
    public void ReadBinary() => OpenInferenceReader.Read(new InferBody(_binaryHeader, _binary), _signature).Dispose();

    [Benchmark(OperationsPerInvoke = Elements)]
    public void WriteJson()
    {
        _output.ResetWrittenCount();
        OpenInferenceWriter.WritePrediction(_output, _prediction);
    }

    [Benchmark(OperationsPerInvoke = Elements)]
    public void WriteSystemTextJson()
    {
        _output.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_output);
        JsonSerializer.Serialize(writer, _values);
    }

    /// <summary>Includes the copy of the tensor that a transport makes.</summary>
    [Benchmark(OperationsPerInvoke = Elements)]
    public void WriteBinary()
    {
        _output.ResetWrittenCount();
        OpenInferenceWriter.WritePrediction(_output, _prediction, _binaryForms);
        _output.Write(_prediction.Outputs[0].Tensor.Data.Span);
    }
}
