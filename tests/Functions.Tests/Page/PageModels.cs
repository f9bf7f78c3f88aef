using System.Globalization;
using Inference.Testing;

namespace Functions.Tests.Page;

/// <summary>A server with a model for each widget except those for texts.</summary>
public sealed class PageModels : IAsyncLifetime
{
    /// <summary>
    /// A model that returns boxes in pixels of an image of 8 x 8: a cat in the left half and a dog in the right half. The score of a third
    /// box is too low for drawing.
    /// </summary>
    private const string Detector = """
        in image f32[1,3,8,8]; const zero f32[1] 0; const places f32[1,3,4] 0 0 4 8 4 4 8 8 1 1 2 2; const sure f32[1,3] 0.9 0.6 0.1
        const kinds f32[1,3] 0 1 1; mean = GlobalAveragePool(image); none = Mul(mean, zero); flat = Flatten(none) axis=1
        first = ReduceSum(flat) keepdims=1; some = Add(sure, first); scores = Identity(some); boxes = Identity(places)
        classes = Cast(kinds) to=7
        out boxes f32[1,3,4]; out scores f32[1,3]; out classes i64[1,3]
        """;

    private readonly ModelFolder _models = new();

    public FunctionsProcess Process { get; private set; } = null!;

    public Uri Address => Process.Client.BaseAddress!;

    /// <summary>The folder of the models.</summary>
    public ModelFolder Models => _models;

    public async Task InitializeAsync()
    {
        _models.Write(
            OnnxText.Compile("in age f32[n,1]; in rooms i64[n,1]; number = Cast(rooms) to=1; price = Add(age, number); out price f32[n,1]"),
            "prices", "1", "model.onnx");
        _models.Write(
            """{"lifecycle":{"warmup":[{"request":{"inputs":{"age":[5,6],"rooms":[1,2]}}},{"request":{"inputs":{"age":7,"rooms":3}}}]}}""",
            "prices", "model.json");
        _models.Write(OnnxText.Compile(Detector), "detector", "1", "model.onnx");
        _models.Write("""{"image":{"height":8,"width":8,"scale":1}}""", "detector", "model.json");
        _models.Write("cat\ndog\n", "detector", "1", "labels.txt");
        _models.Write(OnnxText.Compile(Detector), "detector", "2", "model.onnx");
        _models.Write("cat\ndog\n", "detector", "2", "labels.txt");
        foreach (var version in (string[])["1", "2"])
        {
            _models.Write(
                OnnxText.Compile("in pixels f32[n,64]; const weights f32[64,10]; scores = MatMul(pixels, weights); out scores f32[n,10]"),
                "drawings", version, "model.onnx");
            _models.Write("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "drawings", version, "labels.txt");
        }

        var mask = string.Join(' ', Enumerable.Range(0, 256).Select(position => position % 16 < 8 ? "0" : "1"));
        _models.Write(
            OnnxText.Compile(
                $"in image f32[1,3,8,8]; const zero f32[1] 0; const areas f32[1,1,16,16] {mask}; mean = GlobalAveragePool(image); "
                + "none = Mul(mean, zero); one = ReduceSum(none) keepdims=1; mask = Add(areas, one); out mask f32[1,1,16,16]"),
            "segmenter", "1", "model.onnx");
        _models.Write("""{"image":{"height":8,"width":8,"scale":1}}""", "segmenter", "model.json");
        _models.Write(OnnxText.Compile("in pixels f32[n,3,224,224]; same = Identity(pixels); out same f32[n,3,224,224]"), "large", "1",
            "model.onnx");
        _models.WriteScaling("scaling", 1, 2);
        _models.Write("doubled and with a long name of its class\nb\nc\nd\n", "scaling", "1", "labels.txt");
        _models.WriteScaling("scaling", 2, 3);
        _models.Write("tripled\nb\nc\nd\n", "scaling", "2", "labels.txt");
        _models.Write(
            OnnxText.Compile("in id i64[n,1]; in flag bool[n,1]; number = Identity(id); truth = Identity(flag); out number i64[n,1]; "
                + "out truth bool[n,1]"),
            "typed", "1", "model.onnx");
        _models.Write(
            """{"lifecycle":{"warmup":[{"request":{"inputs":{"id":[9007199254740997],"flag":[true]}}}]}}""", "typed", "model.json");
        foreach (var version in (string[])["1", "2", "3"])
        {
            var name = version == "2" ? "" : "in name str[n,1]; same = Identity(name); out same str[n,1]; ";
            _models.Write(
                OnnxText.Compile($"{name}in age f32[n,1]; years = Identity(age); out years f32[n,1]"), "people", version, "model.onnx");
        }

        foreach (var model in (string[])["classifier", "zipmap"])
            TestModels.CopyTo(model, _models.PathOf(model, "1"));
        foreach (var (version, name, width) in ((string, string, int)[])[("1", "x", 2), ("2", "y", 3), ("3", "x", 3)])
        {
            _models.Write(
                OnnxText.Compile($"in {name} f32[n,2,{width}]; same = Identity({name}); out same f32[n,2,{width}]"),
                "blocks", version, "model.onnx");
        }

        _models.Write("no model", "drawings", "3", "model.onnx");
        _models.Write("no model", "broken", "1", "model.onnx");
        for (var i = 0; i < 6; i++)
            _models.WriteScaling(string.Create(CultureInfo.InvariantCulture, $"a-model-with-a-name-that-is-longer-than-most-{i}"), 1, 2);
        Process = await _models.ServeAsync();
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        _models.Dispose();
    }
}
