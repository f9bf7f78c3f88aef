using Inference.Testing;

namespace Functions.Tests.Clients;

/// <summary>Models as exporters and other servers lay them out.</summary>
internal static class LayoutCases
{
    private const string Body = """{"features":[[1,2]]}""";

    public static IEnumerable<ClientCase> All =>
    [
        new("TensorFlow Serving's exporter: leading zeros", "/models/padded/predict", Body) { Holds = ["\"version\":123"] },
        new("a version with leading zeros by its number", "/models/padded/versions/123/predict", Body),
        new("a version with leading zeros by its folder", "/v1/models/padded/versions/00000123:predict", """{"instances":[[1,2]]}"""),
        new("Optimum: model_quantized.onnx", "/models/quantized/predict", Body),
        new("Optimum: onnx/model.onnx in a version", "/models/exported/predict", Body),
        new("Triton: default_model_filename", "/models/triton/predict", Body),
        new("a choice by model.json", "/models/chosen/predict", Body),
        new("GET /models: what is not understood has failed", "/models")
        {
            Holds =
            [
                "several model files: ", "\\\"model.pt\\\" is a PyTorch model", "\\\"hub/onnx/model.onnx\\\" is in no version folder",
                "{\"name\":\"hub\",\"versions\":[],\"warnings\":[],\"state\":\"failed\",\"reason\":", "\"version\":7,\"state\":\"failed\"",
                "\\\"bad+name\\\" is not the name of a model",
            ],
        },
        new("two folders of one version", "/models/twice/predict", Body) { Status = 503, Holds = ["\\\"twice/007\\\" and \\\"twice/7\\\" are both version 7"] },
        new("a Hugging Face folder without a version", "/models/hub/predict", Body) { Status = 503, Holds = ["Move the files of the model to \\\"hub/1/\\\""] },
        new("GET of a model of another format", "/models/torch") { Holds = ["\"state\":\"failed\"", "torch.onnx.export"] },
        new("an unknown model", "/models/nothing/predict", Body) { Status = 404 },
    ];

    public static void AddModels(ModelFolder folder)
    {
        string[][] models =
        [
            ["padded", "00000123", "model.onnx"], ["quantized", "1", "model_quantized.onnx"], ["exported", "1", "onnx", "model.onnx"],
            ["triton", "1", "model_quantized.onnx"], ["triton", "1", "other.onnx"], ["chosen", "1", "a.onnx"], ["chosen", "1", "b.onnx"],
            ["several", "1", "a.onnx"], ["several", "1", "b.onnx"], ["torch", "1", "model.pt"], ["hub", "onnx", "model.onnx"],
            ["twice", "007", "model.onnx"], ["twice", "7", "model.onnx"], ["bad+name", "1", "model.onnx"],
        ];
        foreach (var path in models.Select(model => folder.PathOf(model)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(TestModels.Path("dynamic_inner"), path);
        }
        new("TF Serving: predict of a folder without a version", "/v1/models/hub:predict", """{"instances":[[1,2]]}""") { Status = 503, Holds = ["Move the files of the model to \\\"hub/1/\\\""] },
        new("TF Serving: status of a folder without a version", "/v1/models/hub") { Status = 503, Holds = ["Move the files of the model to \\\"hub/1/\\\""], Answers = ["Inference-Error-Code: modelUnavailable"] },
        new("OpenAI: a folder without a version", "/v1/models/hub") { Headers = ["Authorization: Bearer sk-any"], Status = 503, Holds = ["Move the files of the model to"] },
        new("TF Serving: status of two folders of one version", "/v1/models/twice") { Holds = ["\"state\":\"END\"", "are both version 7"] },
        new("TF Serving: status of a model of another format", "/v1/models/torch/versions/1") { Holds = ["\"state\":\"END\"", "torch.onnx.export"] },
        new("TF Serving: predict of a model of another format", "/v1/models/torch:predict", """{"instances":[[1,2]]}""") { Status = 503, Holds = ["torch.onnx.export"] },
        new("metadata of a folder without a version", "/v1/models/hub/metadata") { Status = 503, Holds = ["Move the files of the model to"] },
        new("Open Inference: metadata of a folder without a version", "/v2/models/hub") { Status = 503, Holds = ["Move the files of the model to"] },
        new("Open Inference: a folder without a version", "/v2/models/hub/infer", """{"inputs":[]}""") { Status = 503, Holds = ["Move the files of the model to"] },

        folder.Write("default_model_filename: \"model_quantized.onnx\"", "triton", "config.pbtxt");
        folder.Write("""{"file":"b.onnx"}""", "chosen", "model.json");
    }
}
