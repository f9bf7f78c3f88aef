using System.Text;
using Inference.Testing;

namespace Functions.Tests.Clients;

/// <summary>Requests with unusual values, members and items, to every route.</summary>
internal static class ValueCases
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    public static IEnumerable<ClientCase> All =>
        [.. Values, .. Members, .. Columns, .. Refused, .. Items, .. Contents, .. SharedMemory, .. Tokens];

    private static IEnumerable<ClientCase> Values =>
    [
        new("Python: NaN in predict", "/models/identity_float/predict",
            """{"features":[1,NaN,-Infinity]}""") { ExpectedTexts = ["""[1,"NaN","-Infinity"]"""] },
        new("predict: what it answered", "/models/identity_float/predict",
            """{"features":["NaN","Infinity","-Infinity"]}""") { ExpectedTexts = ["""["NaN","Infinity","-Infinity"]"""] },
        new("pandas: null for a missing value", "/models/identity_double/predict",
            """{"features":[1,null]}""") { ExpectedTexts = ["""[1,"NaN"]"""] },
        new("JavaScript: null for an integer", "/models/identity_int32/predict", """{"features":[1,null]}""") { Status = 400,
            ExpectedTexts = ["features[1] is null"] },
        Infer("Python: NaN in v2", "identity_float", "FP32", 3, "[NaN,Infinity,null]") with { ExpectedTexts =
            ["""["NaN","Infinity","NaN"]"""] },
        new("Python: NaN before the shape in v2", "/v2/models/identity_float/infer",
            """{"inputs":[{"data":[NaN],"name":"x","datatype":"FP32","shape":[1]}]}""") { ExpectedTexts = ["\"NaN\""] },
        new("TensorFlow Serving: null", "/v1/models/identity_float:predict",
            """{"instances":[1,null,NaN,"Infinity"]}""") { ExpectedTexts = ["[1.0,NaN,NaN,Infinity]"] },
        Infer("Lua: 1.0 for integers", "identity_int64", "INT64", 2, "[1.0,1e2]") with { ExpectedTexts = ["[1,100]"] },
        Infer("v2: a fraction for an integer", "identity_int64", "INT64", 2, "[1.0,1.5]") with { Status = 400,
            ExpectedTexts = ["1.5 is not a value of INT64"] },
        Infer("NumPy: 0 and 1 for booleans", "identity_bool", "BOOL", 2, "[0,1]") with { ExpectedTexts = ["[false,true]"] },
        new("predict: 0 and 1 for booleans", "/models/identity_bool/predict",
            """{"features":[0,1,true]}""") { ExpectedTexts = ["[false,true,true]"] },
        Infer("v2: FP16 in JSON", "identity_float16", "FP16", 2, "[0.5,-2]") with { ExpectedTexts = ["[0.5,-2]"] },
        Infer("v2: BF16 in JSON", "identity_bfloat16", "BF16", 2, "[0.5,-2]") with { ExpectedTexts = ["[0.5,-2]"] },
        Infer("pandas: NaN in a column of text", "identity_string", "BYTES", 2, """["a",NaN]""") with { Status = 400,
            ExpectedTexts = ["is a bare NaN"] },
        new("Python: NaN as an id", "/v2/models/identity_float/infer",
            """{"id":NaN,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}""") { Status = 400,
            ExpectedTexts = ["a bare NaN can only be a value of a tensor, at line 1, byte 7."] },
        new("Python: NaN as a key", "/models/identity_float/predict", """{"inputs":{NaN:[1]}}""") { Status = 400,
            ExpectedTexts = ["invalidJson", "at line 1, byte 12."] },
    ];

    private static IEnumerable<ClientCase> Members =>
    [
        new("PowerShell: a byte order mark in predict", "/models/identity_float/predict") { Content = Marked("""{"features":[1]}""") },
        new("a byte order mark in v2",
            "/v2/models/identity_float/infer") { Content = Marked(
                """{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}""") },
        new("a byte order mark in v1", "/v1/models/identity_float:predict") { Content = Marked("""{"instances":[1]}""") },
        new("a byte order mark in embeddings", "/v1/embeddings") { Content = Marked("""{"model":"embedder","input":"hello"}""") },
        new("a byte order mark in an index", "/v2/repository/index") { Content = Marked("") },
        new("MLServer: null in v2", "/v2/models/identity_float/infer", """
            {"id":null,"parameters":null,"outputs":null,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"parameters":null,"data":[1]}]}
            """) { UnexpectedTexts = ["\"id\""] },
        new("null in predict", "/models/identity_float/predict", """{"text":null,"inputs":null,"parameters":null,"features":[1]}"""),
        new("null in v1", "/v1/models/identity_float:predict", """{"signature_name":null,"inputs":null,"instances":[1]}"""),
        new("null in embeddings", "/v1/embeddings",
            """{"model":"embedder","input":"hello","dimensions":null,"encoding_format":null,"user":null}"""),
        new("null in an index", "/v2/repository/index", """{"ready":null}"""),
        new("null in a load", "/v2/repository/models/identity_float/load", """{"parameters":{"config":null}}"""),
    ];

    private static IEnumerable<ClientCase> Columns =>
    [
        new("pandas: two rows of columns", "/models/people/predict", """{"inputs":{"age":[5,6],"city":["Rome","Oslo"]}}""")
        {
            ExpectedTexts = ["""[{"years":[5],"place":["Rome"]},{"years":[6],"place":["Oslo"]}]"""],
        },
        new("pandas: one row of columns", "/models/people/predict",
            """{"inputs":{"age":5,"city":"Rome"}}""") { ExpectedTexts = ["""[{"years":[5],"place":["Rome"]}]"""] },
        new("a column in an array of its own", "/models/people/predict", """{"inputs":{"age":[[5.0],[6]],"city":[["Rome"],["Oslo"]]}}""")
        {
            ExpectedTexts = ["""[{"years":[5],"place":["Rome"]},{"years":[6],"place":["Oslo"]}]"""],
        },
        new("rows of columns in v1", "/v1/models/people:predict",
            """{"instances":[{"age":5,"city":"Rome"},{"age":6,"city":"Oslo"}]}""") { ExpectedTexts = ["\"Oslo\""] },
        new("columns in v1", "/v1/models/people:predict", """{"inputs":{"age":[5,6],"city":["Rome","Oslo"]}}""") { ExpectedTexts =
            ["\"Oslo\""] },
        new("MLServer: columns in v2", "/v2/models/people/infer", """
            {"parameters":{"content_type":"pd"},"inputs":[{"name":"age","datatype":"INT64","shape":[2],"data":[5,6]},
             {"name":"city","datatype":"BYTES","shape":[2],"parameters":{"content_type":"str"},"data":["Rome","Oslo"]}]}
            """) { ExpectedTexts = ["[2,1]", "[5,6]"] },
    ];

    /// <summary>
    /// Inputs with different numbers of items. Without a check, one item would be repeated for the others, or ONNX Runtime would report the
    /// error.
    /// </summary>
    private static IEnumerable<ClientCase> Lengths =>
    [
        new("pandas: columns of different lengths", "/models/people/predict", """{"inputs":{"age":[5,6],"city":["Rome"]}}"""),
        new("pandas: a column and a value", "/models/people/predict", """{"inputs":{"age":[5,6],"city":"Rome"}}"""),
        new("TF Serving: columns of different lengths", "/v1/models/people:predict", """{"inputs":{"age":[[5],[6]],"city":[["Rome"]]}}"""),
        new("MLServer: columns of different lengths", "/v2/models/people/infer", """
            {"inputs":[{"name":"age","datatype":"INT64","shape":[2],"data":[5,6]},{"name":"city","datatype":"BYTES","shape":[1],"data":["Rome"]}]}
            """),
        new("tritonclient: columns of different lengths", "/v2/models/people/infer")
        {
            Content =
            [
                .. """{"inputs":[{"name":"age","datatype":"INT64","shape":[2,1],"parameters":{"binary_data_size":16}},{"name":"city","datatype":"BYTES","shape":[1,1],"data":["Rome"]}]}"""u8,
                .. new byte[16],
            ],
            Headers = ["Inference-Header-Content-Length: 162", "Content-Type: application/octet-stream"],
        },
    ];

    private static IEnumerable<ClientCase> Refused => Lengths.Select(row => row with
    {
        Status = 400,
        ExpectedTexts = [@"\""city\"" has 1 item", @"\""age\"" has 2 items"],
        ExpectedHeaders = ["Inference-Error-Code: invalidShape"],
    });

    /// <summary>
    /// Requests to a model that accepts one item per run. Its output has a row for each number of the item that is not 0.
    /// </summary>
    private static IEnumerable<ClientCase> Items =>
    [
        new("items that differ in predict", "/models/boxes/predict",
            """{"features":[[1,0,2],[0,0,0],[0,3,0]]}""") { ExpectedTexts = ["\"predictions\":[[[0,0],[0,2]],[],[[0,1]]]"] },
        new("items that differ in v1", "/v1/models/boxes:predict",
            """{"instances":[[1,0,2],[0,3,0]]}""") { ExpectedTexts = ["\"predictions\":[[[0,0],[0,2]],[[0,1]]]"] },
        Infer("items that may differ in v2", "boxes", "FP32", "2,3", "[1,0,2,0,3,0]") with { Status = 400,
            ExpectedTexts = ["may differ in size from item to item"] },
        Infer("one item of any size in v2", "boxes", "FP32", "1,3", "[1,0,2]") with { ExpectedTexts = ["[1,2,2]", "[0,0,0,2]"] },
    ];

    private static IEnumerable<ClientCase> Contents =>
    [
        Infer("MLServer: base64", "identity_string", "BYTES", 2,
            """["aGVsbG8=","YQ"],"parameters":{"content_type":"base64"}""") with { ExpectedTexts = ["""["hello","a"]"""] },
        Infer("MLServer: what is not base64", "identity_string", "BYTES", 1,
            """["*"],"parameters":{"content_type":"base64"}""") with { Status = 400, ExpectedTexts = ["not base64"] },
        Infer("MLServer: text", "identity_string", "BYTES", 1,
            """["aGVsbG8="],"parameters":{"content_type":"str"}""") with { ExpectedTexts = ["aGVsbG8="] },
        Infer("MLServer: an unknown content type", "identity_string", "BYTES", 1,
            """["{}"],"parameters":{"content_type":"hg_json"}""") with { Status = 400, ExpectedTexts = ["hg_json"] },
    ];

    private static IEnumerable<ClientCase> SharedMemory =>
    [
        new("tritonclient: an input in shared memory", "/v2/models/identity_float/infer", """
            {"inputs":[{"name":"x","datatype":"FP32","shape":[1],"parameters":{"shared_memory_region":"r","shared_memory_byte_size":4}}]}
            """) { Status = 400, ExpectedTexts = ["inputs[0].parameters.shared_memory_region: this server has no shared memory extension"] },
        new("tritonclient: an input in shared memory beside its data", "/v2/models/identity_float/infer", """
            {"inputs":[{"name":"x","datatype":"FP32","shape":[1],"parameters":{"shared_memory_offset":0},"data":[1]}]}
            """) { Status = 400, ExpectedTexts = ["inputs[0].parameters.shared_memory_offset"] },
        new("tritonclient: an output in shared memory", "/v2/models/identity_float/infer", """
            {"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}],"outputs":[{"name":"y","parameters":{"shared_memory_region":"r"}}]}
            """) { Status = 400, ExpectedTexts = ["outputs[0].parameters.shared_memory_region"] },
    ];

    private static IEnumerable<ClientCase> Tokens =>
    [
        new("LangChain: tokens of another tokenizer", "/v1/embeddings", """{"model":"embedder","input":[[15339,1917]]}""") { Status = 400,
            ExpectedTexts = ["check_embedding_ctx_length=False"] },
        new("tokens of the vocabulary", "/v1/embeddings", """{"model":"embedder","input":[2,5,3]}"""),
        new("tokens for a model that refuses them", "/v1/embeddings", """{"model":"words","input":[2,5,3]}""") { Status = 400,
            ExpectedTexts = ["acceptTokens", "check_embedding_ctx_length=False"] },
    ];

    /// <summary>Writes the models of the cases. Files that may begin with a byte order mark do so.</summary>
    public static void WriteModels(ModelFolder folder)
    {
        foreach (var type in (string[])["float", "double", "int32", "int64", "bool", "float16", "bfloat16", "string"])
            TestModels.CopyTo($"identity_{type}", folder.PathOf($"identity_{type}", "1"));
        foreach (var model in (string[])["embedder", "words"])
        {
            TestModels.CopyTo("embedder", folder.PathOf(model, "1"));
            folder.Write(Marked("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n"), model, "1", "vocab.txt");
            var accept = model == "embedder" ? "true" : "false";
            folder.Write(Marked($$$"""{"text":{"tokenizer":"wordpiece","acceptTokens":{{{accept}}} }}"""), model, "model.json");
        }

        folder.Write(OnnxText.Compile("""
            in age i64[n,1]; in city str[n,1]
            years = Identity(age); place = Identity(city)
            out years i64[n,1]; out place str[n,1]
            """), "people", "1", "model.onnx");
        folder.Write(Marked("max_batch_size: 0\n"), "people", "config.pbtxt");
        folder.Write(OnnxText.Compile("""
            in x f32[1,3]
            const first i64[1] 0
            places = NonZero(x); rows = Transpose(places); y = Unsqueeze(rows, first)
            out y i64[1,boxes,2]
            """), "boxes", "1", "model.onnx");
    }

    private static ClientCase Infer(string name, string model, string type, object shape, string data) =>
        new(name, $"/v2/models/{model}/infer",
            $$"""{"inputs":[{"name":"x","datatype":"{{type}}","shape":[{{shape}}],"data":{{data}} }]}""");

    private static byte[] Marked(string text) => [.. Mark, .. Encoding.UTF8.GetBytes(text)];
}
