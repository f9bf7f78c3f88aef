using Inference.Testing;

namespace Functions.Tests.Clients;

/// <summary>Requests to models in the folder layouts of exporters and other servers.</summary>
internal static class LayoutCases
{
    private const string Body = """{"features":[[1,2]]}""";

    public static IEnumerable<ClientCase> All =>
    [
        new("TensorFlow Serving's exporter: leading zeros", "/models/padded/predict", Body) { ExpectedTexts = ["\"version\":123"] },
        new("a version with leading zeros by its number", "/models/padded/versions/123/predict", Body),
        new("a version with leading zeros by its folder", "/v1/models/padded/versions/00000123:predict", """{"instances":[[1,2]]}"""),
        new("Optimum: model_quantized.onnx", "/models/quantized/predict", Body),
        new("Optimum: onnx/model.onnx in a version", "/models/exported/predict", Body),
        new("Triton: default_model_filename", "/models/triton/predict", Body),
        new("Triton: a folder named model.onnx with external data", "/models/triton_folder/predict",
            """{"features":[0,0,0,0]}""") { ExpectedTexts = ["[1,2,3,4]"] },
        new("Triton: default_model_filename is a folder", "/models/triton_named/predict", Body),
        new("Git LFS: weights that were not fetched", "/models/pointer/predict", """{"features":[0,0,0,0]}""")
        {
            Status = 503,
            ExpectedTexts = ["The file \\\"external.bin\\\", which holds weights of the model, is a Git LFS pointer", "git lfs pull"],
        },
        new("a download of weights that was cut off", "/models/cut/predict", """{"features":[0,0,0,0]}""")
        {
            Status = 503,
            ExpectedTexts =
                ["The file \\\"external.bin\\\", which holds weights of the model, is incomplete: it has 8 bytes", "compare its size"],
        },
        new("weights that were not copied", "/models/lone/predict", """{"features":[0,0,0,0]}""") { Status = 503,
            ExpectedTexts = ["The file \\\"external.bin\\\"", "is missing: put the file beside the model file"] },
        new("a bare model with weights of another name", "/models/bare/predict", """{"features":[0,0,0,0]}""")
        {
            Status = 503,
            ExpectedTexts = ["The file \\\"external.bin\\\"", "only files whose names begin with \\\"bare.onnx\\\" do", "\\\"bare/1/\\\""],
        },
        new("a choice by model.json", "/models/chosen/predict", Body),
        new("GET /models: what is not understood has failed", "/models")
        {
            ExpectedTexts =
            [
                "several model files: ", "\\\"model.pt\\\" is a PyTorch model", "\\\"hub/weights\\\" has \\\"weights/model.onnx\\\"",
                "{\"name\":\"hub\",\"versions\":[],\"warnings\":[],\"state\":\"failed\",\"reason\":", "\"version\":7,\"state\":\"failed\"",
                "\\\"bad+name\\\" is not the name of a model",
            ],
        },
        new("two folders of one version", "/models/twice/predict", Body) { Status = 503,
            ExpectedTexts = ["\\\"twice/007\\\" and \\\"twice/7\\\" are both version 7"] },
        new("a Hugging Face folder without a version", "/models/whole/predict", Body),
        new("a folder without a version", "/models/hub/predict", Body) { Status = 503,
            ExpectedTexts = ["Rename it, for example to \\\"hub/1\\\""] },
        new("TF Serving: predict of a folder without a version", "/v1/models/hub:predict", """{"instances":[[1,2]]}""") { Status = 503,
            ExpectedTexts = ["Rename it, for example to \\\"hub/1\\\""] },
        new("TF Serving: status of a folder without a version", "/v1/models/hub") { Status = 503,
            ExpectedTexts = ["Rename it, for example to \\\"hub/1\\\""], ExpectedHeaders = ["Inference-Error-Code: modelUnavailable"] },
        new("OpenAI: a folder without a version", "/v1/models/hub") { Headers = ["Authorization: Bearer sk-any"], Status = 503,
            ExpectedTexts = ["Rename it, for example to"] },
        new("TF Serving: status of two folders of one version", "/v1/models/twice") { ExpectedTexts =
            ["\"state\":\"END\"", "are both version 7"] },
        new("TF Serving: status of a model of another format",
            "/v1/models/torch/versions/1") { ExpectedTexts = ["\"state\":\"END\"", "torch.onnx.export"] },
        new("TF Serving: predict of a model of another format", "/v1/models/torch:predict", """{"instances":[[1,2]]}""") { Status = 503,
            ExpectedTexts = ["torch.onnx.export"] },
        new("metadata of a folder without a version", "/v1/models/hub/metadata") { Status = 503,
            ExpectedTexts = ["Rename it, for example to"] },
        new("Open Inference: metadata of a folder without a version", "/v2/models/hub") { Status = 503,
            ExpectedTexts = ["Rename it, for example to"] },
        new("Open Inference: a folder without a version", "/v2/models/hub/infer", """{"inputs":[]}""") { Status = 503,
            ExpectedTexts = ["Rename it, for example to"] },
        new("GET of a model of another format", "/models/torch") { ExpectedTexts = ["\"state\":\"failed\"", "torch.onnx.export"] },
        new("an unknown model", "/models/nothing/predict", Body) { Status = 404 },
    ];

    /// <summary>Adds models whose weights are in another file.</summary>
    private static void AddWeights(ModelFolder folder)
    {
        foreach (var model in (string[][])[["triton_folder", "1", "model.onnx"], ["pointer", "1"], ["cut", "1"], ["lone", "1"]])
            TestModels.CopyTo("external", folder.PathOf(model));
        folder.Write("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 16\n", "pointer", "1", "external.bin");
        folder.Write(new byte[8], "cut", "1", "external.bin");
        File.Delete(folder.PathOf("lone", "1", "external.bin"));
        File.Copy(folder.PathOf("pointer", "1", "model.onnx"), folder.PathOf("bare.onnx"));
        File.Copy(folder.PathOf("triton_folder", "1", "model.onnx", "external.bin"), folder.PathOf("external.bin"));
    }

    public static void AddModels(ModelFolder folder)
    {
        string[][] models =
        [
            ["padded", "00000123", "model.onnx"], ["quantized", "1", "model_quantized.onnx"], ["exported", "1", "onnx", "model.onnx"],
            ["triton", "1", "model_quantized.onnx"], ["triton", "1", "other.onnx"], ["chosen", "1", "a.onnx"], ["chosen", "1", "b.onnx"],
            ["several", "1", "a.onnx"], ["several", "1", "b.onnx"], ["torch", "1", "model.pt"], ["hub", "weights", "model.onnx"],
            ["triton_named", "1", "resnet.onnx", "model.onnx"], ["twice", "007", "model.onnx"], ["twice", "7", "model.onnx"],
            ["bad+name", "1", "model.onnx"], ["whole", "onnx", "model.onnx"],
        ];
        foreach (var path in models.Select(model => folder.PathOf(model)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(TestModels.Path("dynamic_inner"), path);
        }

        folder.Write("default_model_filename: \"model_quantized.onnx\"", "triton", "config.pbtxt");
        folder.Write("default_model_filename: \"resnet.onnx\"", "triton_named", "config.pbtxt");
        AddWeights(folder);
        folder.Write("""{"file":"b.onnx"}""", "chosen", "model.json");
    }
}
