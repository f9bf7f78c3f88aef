using Inference.Testing;

namespace Functions.Tests.Clients;

/// <summary>Requests to models with outputs that are not tensors, and requests with values that are not inputs.</summary>
internal static class OutputCases
{
    /// <summary>
    /// The configuration of a classifier as in the quick start of Triton. The model's image has a batch dimension, and its clients send
    /// images without one.
    /// </summary>
    private const string QuickStart = """
        platform: "onnxruntime_onnx"
        max_batch_size: 0
        input [ { name: "x" data_type: TYPE_FP32 dims: [ 2, 2 ] reshape { shape: [ 1, 4 ] } } ]
        output [ { name: "y" data_type: TYPE_FP32 dims: [ 4 ] reshape { shape: [ 1, 4 ] } label_filename: "animals.txt" } ]
        """;

    private const string QuickStartBatched = """
        max_batch_size: 8
        input [ { name: "x" dims: [ 18 ] reshape { shape: [ 2, 3, 3 ] } } ]
        output [ { name: "y" dims: [ 2, 1 ] reshape { shape: [ 2 ] } } ]
        """;

    private const string Features = """{"inputs":[{"name":"x","datatype":"FP32","shape":[2,2],"data":[1,4,2,3]}]""";

    /// <summary>Writes the models of the cases.</summary>
    public static void Write(ModelFolder folder)
    {
        foreach (var model in (string[])["classifier", "classifier_one", "zipmap", "pieces", "pair", "optional_out", "maybe_absent",
            "upper", "no_locale", "weighted"])
        {
            TestModels.CopyTo(model, folder.PathOf(model, "1"));
        }

        folder.Write(
            OnnxText.Compile("in x opt:f32[n]; y = OptionalGetElement(x); out y f32[n]", opset: 18), "optional_in", "1", "model.onnx");
        folder.Write("setosa\nvirginica\nversicolor\n", "classifier", "1", "labels.txt");
        TestModels.CopyTo("fixed_batch", folder.PathOf("quick_start", "1"));
        folder.Write(QuickStart, "quick_start", "config.pbtxt");
        folder.Write("CAT\nCOFFEE MUG\nDOG\n", "quick_start", "animals.txt");
        TestModels.CopyTo("image", folder.PathOf("reshaped", "1"));
        folder.Write(QuickStartBatched, "reshaped", "config.pbtxt");
    }

    public static IEnumerable<ClientCase> All =>
    [
        new("Triton's quick start: reshape", "/v2/models/quick_start/infer", Features + "}")
        {
            ExpectedTexts = ["""{"name":"y","datatype":"FP32","shape":[4],"data":[2,8,4,6]}"""],
        },
        new("Triton's quick start: classification", "/v2/models/quick_start/infer",
            Features + ""","outputs":[{"name":"y","parameters":{"classification":3}}]}""")
        {
            ExpectedTexts = ["""{"name":"y","datatype":"BYTES","shape":[3],"data":["8:1:COFFEE MUG","6:3","4:2:DOG"]}"""],
        },
        new("Triton's quick start: classification, binary", "/v2/models/quick_start/infer",
            Features + ""","outputs":[{"name":"y","parameters":{"classification":1,"binary_data":true}}]}""")
        {
            ExpectedTexts = ["\"binary_data_size\":18", "8:1:COFFEE MUG"],
            ExpectedHeaders = ["Content-Type: application/octet-stream"],
        },
        new("Triton's quick start: metadata", "/v2/models/quick_start") { ExpectedTexts = ["\"shape\":[2,2]", "\"shape\":[4]"] },
        new("Triton's quick start: configuration", "/v2/models/quick_start/config")
        {
            ExpectedTexts =
            [
                "\"dims\":[2,2],\"reshape\":{\"shape\":[1,4]}}",
                "\"dims\":[4],\"reshape\":{\"shape\":[1,4]},\"label_filename\":\"animals.txt\"}",
            ],
        },
        new("Triton: configuration of a reshaped batch", "/v2/models/reshaped/config")
        {
            ExpectedTexts = ["\"dims\":[18],\"reshape\":{\"shape\":[2,3,3]}}", "\"dims\":[2,1],\"reshape\":{\"shape\":[2]}}"],
        },
        new("Triton's quick start: no warning", "/models/quick_start") { ExpectedTexts = ["\"warnings\":[]"] },
        new("Triton's quick start: predict", "/models/quick_start/predict",
            """{"features":[[1,4],[2,3]]}""") { ExpectedTexts = ["\"predictions\":[2,8,4,6]"] },
        new("Triton: reshape of a batch", "/v2/models/reshaped/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[2,18],"data":[1,1,1,1,1,1,1,1,1,2,2,2,2,2,2,2,2,2,3,3,3,3,3,3,3,3,3,4,4,4,4,4,4,4,4,4]}]}""")
        {
            ExpectedTexts = ["""{"name":"y","datatype":"FP32","shape":[2,2,1],"data":[1,2,3,4]}"""],
        },
        new("Triton: classes of a map", "/v2/models/classifier/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"outputs":[{"name":"probabilities","parameters":{"classification":2}}]}""")
        {
            ExpectedTexts = ["""["3:1:versicolor","2:2:virginica"]"""],
        },
        new("Triton: classes of the values of a map alone", "/v2/models/classifier/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[2,3],"data":[1,2,3,6,5,4]}],"outputs":[{"name":"probabilities.values","parameters":{"classification":2}}]}""")
        {
            ExpectedTexts = ["""{"name":"probabilities.values","datatype":"BYTES","shape":[2,2],"data":["3:1:versicolor","2:2:virginica","6:0:setosa","5:2:virginica"]}]"""],
            UnexpectedTexts = ["probabilities.keys"],
        },
        new("Triton: classes of the values of a map, and its keys", "/v2/models/classifier/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"outputs":[{"name":"probabilities.values","parameters":{"classification":1}},{"name":"probabilities.keys"}]}""")
        {
            ExpectedTexts = ["\"3:1:versicolor\"",
                """{"name":"probabilities.keys","datatype":"BYTES","shape":[1,3],"data":["setosa","versicolor","virginica"]}"""],
        },
        new("skl2onnx: ZipMap of text, several items", "/models/classifier/predict", """{"features":[[1,2,3],[6,5,4]]}""")
        {
            UnexpectedTexts = ["\"labels\""],
            ExpectedTexts = ["""{"label":"versicolor","probabilities":{"setosa":1,"versicolor":3,"virginica":2}},{"label":"setosa","probabilities":{"setosa":6,"versicolor":4,"virginica":5}}"""],
        },
        new("skl2onnx: ZipMap of a model of one item, several items", "/models/classifier_one/predict",
            """{"features":[[1,2,3],[6,5,4]]}""")
        {
            ExpectedTexts = ["""{"label":"versicolor",""", """{"label":"setosa","""],
        },
        new("skl2onnx: ZipMap of whole numbers as the only output", "/models/zipmap/predict",
            """{"features":[[0.25,0.75]]}""") { ExpectedTexts = ["""[{"0":0.25,"1":0.75}]"""] },
        new("triton#3798: ZipMap over v2", "/v2/models/classifier/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}""")
        {
            ExpectedTexts =
            [
                """{"name":"probabilities.keys","datatype":"BYTES","shape":[1,3],"data":["setosa","versicolor","virginica"]}""",
                """{"name":"probabilities.values","datatype":"FP32","shape":[1,3],"data":[1,3,2]}""",
            ],
        },
        new("v2: a map by the model's name of it", "/v2/models/classifier/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}],"outputs":[{"name":"probabilities"}]}""")
        {
            ExpectedTexts = ["probabilities.keys", "probabilities.values"],
            UnexpectedTexts = ["\"label\""],
        },
        new("v2: a map by the model's name of it, binary", "/v2/models/zipmap/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,2]}],"outputs":[{"name":"scores","parameters":{"binary_data":true}}]}""")
        {
            ExpectedHeaders = ["Content-Type: application/octet-stream"],
            ExpectedTexts = ["""{"name":"scores.keys","datatype":"BYTES","shape":[1,2],"parameters":{"binary_data_size":10}}"""],
        },
        new("TensorFlow Serving: ZipMap", "/v1/models/classifier:predict",
            """{"instances":[[1,2,3]]}""") { ExpectedTexts = ["""{"setosa":1.0,"versicolor":3.0,"virginica":2.0}"""] },
        new("a list beside a tensor", "/models/pieces/predict",
            """{"features":[[1,2],[3,4]]}""") { ExpectedTexts = ["""[{"rows":[[[1,2]],[[3,4]]],"negative":[[-1,-2],[-3,-4]]}]"""] },
        new("a list of different ranks", "/models/pair/predict",
            """{"inputs":{"a":[[1,2]],"b":[3,4,5]}}""") { ExpectedTexts = ["\"predictions\":[[[1,2]],[3,4,5]]"] },
        new("a list over v2", "/v2/models/pair/infer",
            """{"inputs":[{"name":"a","datatype":"FP32","shape":[1,2],"data":[1,2]},{"name":"b","datatype":"FP32","shape":[3],"data":[3,4,5]}]}""")
        {
            ExpectedTexts = ["""{"name":"both.shapes","datatype":"INT64","shape":[2,2],"data":[1,2,3,-1]}""",
                """{"name":"both.values","datatype":"FP32","shape":[5],"data":[1,2,3,4,5]}"""],
        },
        new("TensorFlow Serving: a list has no rows", "/v1/models/pieces:predict", """{"instances":[[1,2]]}""") { Status = 400,
            ExpectedTexts = ["Send \\\"inputs\\\" instead"] },
        new("onnxruntime-extensions#915: an operator of ONNX Runtime Extensions", "/models/upper/predict",
            """{"features":["aB","cd"]}""") { ExpectedTexts = ["[\"AB\",\"CD\"]"] },
        new("a model says which library it needs", "/models/upper") { ExpectedTexts =
            ["\"operatorLibraries\":[\"onnxruntime-extensions\"]"] },
        new("a model without such operators needs no library", "/models/pair") { ExpectedTexts = ["\"operatorLibraries\":[]"] },
        new("a locale that the system lacks", "/models/no_locale/predict", """{"features":["a"]}""") { Status = 503,
            ExpectedTexts = ["xx_XX.UTF-8", "apt-get install locales"], UnexpectedTexts = ["complete ONNX model"] },
        new("an initializer that is also an input keeps its value", "/models/weighted/predict",
            """{"features":[1,1]}""") { ExpectedTexts = ["\"predictions\":[[2,3]]"] },
        new("an initializer by predict", "/models/weighted/predict", """{"inputs":{"x":[1,1],"w":[5,5]}}""") { Status = 400,
            ExpectedTexts = ["is an initializer of the model"] },
        new("an initializer by v2", "/v2/models/weighted/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,1]},{"name":"w","datatype":"FP32","shape":[2],"data":[5,5]}]}""")
        {
            Status = 400,
            ExpectedTexts = ["is an initializer of the model"],
        },
        new("an initializer by TensorFlow Serving", "/v1/models/weighted:predict", """{"inputs":{"x":[[1,1]],"w":[5,5]}}""") { Status = 400,
            ExpectedTexts = ["is an initializer of the model"] },
        new("an optional input", "/models/optional_in/predict", """{"features":[1,2]}""") { Status = 503,
            ExpectedTexts = ["input \\\"x\\\" is an optional", "export the model with a tensor as this input"] },
        new("an optional output", "/models/optional_out/predict", """{"features":[1,2]}""") { ExpectedTexts = ["\"predictions\":[1,2]"] },
        new("an optional output that may be absent", "/models/maybe_absent/predict",
            """{"inputs":{"x":[1],"present":[true]}}""") { Status = 503, ExpectedTexts = ["OptionalHasElement"] },
        new("metadata of a map",
            "/v2/models/classifier") { ExpectedTexts = ["""{"name":"probabilities.keys","datatype":"BYTES","shape":[-1,-1]}"""] },
        new("what a model says of a map", "/models/classifier") { ExpectedTexts = ["\"partOf\":\"probabilities\""] },
        new("OpenAPI of a map", "/openapi.json") { ExpectedTexts = ["""{"type":"object","additionalProperties":{"type":"number"}}"""] },
    ];
}
