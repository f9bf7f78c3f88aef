using System.Text;
using System.Text.Json;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;

namespace Inference.Repository.Tests.ModelJson;

/// <summary>The schema in models/model.schema.json accepts the same documents as the reader.</summary>
public sealed class ModelSchemaTests
{
    private static readonly JsonSchema Schema =
        new(JsonDocument.Parse(File.ReadAllBytes(RepositoryFile.PathOf("models", "model.schema.json"))).RootElement);

    /// <summary>The texts among the values below, as labels. So no text is refused because it is an unknown label.</summary>
    private const string Labels =
        """{"a":1,"all":2,"latency":3,"balanced":4,"lean":5,"Lean":6,"5ms":7,"open-inference":8,"open-inference-grpc":9,"tensorflow-serving":10,"json":11,"POST":12,"post":13,"FP32":14,"fp32":15,"NCHW":16,"BGR":17,"fit":18,"bpe":19,"cls":20,"vocab.txt":21}""";

    /// <summary>Documents with the placeholder <c>#</c>. The rest of each document contradicts no value in its place.</summary>
    private static readonly string[] Templates =
    [
        "#", """{"$schema":#}""", """{"#":{}}""", """{"versions":#}""", """{"batching":#}""", """{"execution":#}""", """{"lifecycle":#}""",
        """{"timeouts":#}""",
        """{"versions":{"serve":#}}""", """{"versions":{"serve":{"latest":#}}}""", """{"versions":{"serve":{"specific":#}}}""",
        """{"versions":{"serve":{"specific":[#]}}}""", """{"versions":{"labels":#}}""", """{"versions":{"labels":{"a":#}}}""",
        $$"""{"versions":{"shadow":#,"labels":{{Labels}} } }""", """{"versions":{"traffic":#}}""", """{"versions":{"traffic":[#]}}""",
        $$"""{"versions":{"traffic":[{"version":#,"percent":100}],"labels":{{Labels}} } }""",
        """{"versions":{"traffic":[{"version":1,"percent":#},{"version":2,"percent":100}]}}""",
        """{"batching":{"maxBatch":#}}""", """{"batching":{"preferredSizes":#}}""", """{"batching":{"preferredSizes":[#]}}""",
        """{"batching":{"maxDelay":#}}""", """{"batching":{"queueLimit":#}}""", """{"execution":{"threads":#}}""",
        """{"execution":{"memoryProfile":#}}""", """{"lifecycle":{"preload":#}}""", """{"lifecycle":{"pinned":#}}""",
        """{"lifecycle":{"idleTimeout":#}}""", """{"lifecycle":{"warmup":#}}""", """{"lifecycle":{"warmup":[#]}}""",
        """{"image":#}""", """{"image":{"height":#,"width":1}}""", """{"image":{"height":2,"width":#}}""", """{"image":{"height":2}}""",
        """{"image":{"height":1,"width":1,"layout":#}}""", """{"image":{"height":1,"width":1,"channels":#}}""",
        """{"image":{"height":1,"width":1,"resize":#}}""",
        """{"image":{"height":1,"width":1,"scale":#}}""", """{"image":{"height":1,"width":1,"mean":#}}""",
        """{"image":{"height":1,"width":1,"std":[#,1,2]}}""",
        """{"image":{"height":1,"width":1,"channels":"GRAY","mean":#}}""",
        """{"image":{"height":1,"width":1,"mean":0.5,"std":#}}""", """{"image":{"height":1,"width":1,"mean":#,"std":[1,2,3]}}""",
        """{"image":{"height":1,"width":1,"mean":[1,2,3],"channels":#}}""",
        """{"text":#}""", """{"text":{"tokenizer":#}}""", """{"text":{"tokenizer":"bpe","vocab":#,"merges":#}}""",
        """{"text":{"tokenizer":"bpe","maxTokens":#}}""",
        """{"text":{"tokenizer":"wordpiece","lowercase":#,"normalize":#}}""", """{"text":{"tokenizer":"wordpiece","pooling":#}}""",
        """{"lifecycle":{"warmup":[{"request":#}]}}""", """{"lifecycle":{"warmup":[{"count":#}]}}""", """{"timeouts":{"request":#}}""",
        """{"remote":#}""", """{"remote":{"kind":#,"url":"http://h"}}""", """{"remote":{"kind":"open-inference","url":#}}""",
        Remote("model"), Remote("version"),
        Remote("headers"), """{"remote":{"kind":"open-inference","url":"http://h","headers":{"a":#}}}""", Remote("keySetting"),
        Remote("keyHeader"),
        """{"remote":{"kind":"open-inference","url":"http://h","keySetting":"k","keyHeader":#}}""", Remote("timeout"),
        Remote("concurrency"),
        Remote("maxResponseBytes"), Remote("json"), """{"remote":{"kind":"json","url":"http://h","json":#}}""",
        """{"remote":{"kind":"json","url":"http://h","model":#,"json":{"inputs":[{"name":"x","datatype":"FP32","shape":[],"at":"/x"}],"outputs":[{"name":"y","datatype":"FP32","shape":[],"at":"/y"}]}}}""",
        Service("method"), Service("request"), Tensors("#"), Tensor("name", "#", "FP32", "[]", "/x"),
        Tensor("datatype", "x", "#", "[]", "/x"),
        Tensor("shape", "x", "FP32", "#", "/x"), Tensor("shape", "x", "FP32", "[-1,#]", "/x"), Tensor("at", "x", "FP32", "[]", "#"),
    ];

    /// <summary>Values of every type and of every form that a setting accepts, and values on both sides of every limit.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "{}", "[]", "\"\"", "\"x y\"", "\"a\"", "\"12\"", "\"all\"", "\"latency\"", "\"balanced\"", "\"lean\"",
        "\"Lean\"",
        "-1", "0", "1", "100", "1000", "1001", "1024", "1025", "65536", "65537", "1000000", "1000001", "1.5", "2.0", "1e2", "1e30",
        "\"00:00:01\"", "\"00:00:01.0000001\"", "\"00:00:01.\"", "\"1.00:00:00\"", "\"24:00:00\"", "\"0:00:01\"", "\"00:60:00\"", "\"5ms\"",
        "\"-00:00:01\"",
        "[0]", "[1]", "[1,2]", "[1,1]", "[true]", "[{}]", "[{\"count\":2}]", "[{\"count\":2,\"x\":1}]", "[{\"version\":1,\"percent\":100}]",
        "[{\"version\":1}]",
        "{\"latest\":2}", "{\"latest\":2,\"specific\":[1]}", "{\"specific\":[2]}", "{\"a\":1}", "{\"12\":1}", "{\"a\":\"b\"}",
        "{\"version\":3,\"percent\":100}", "{\"count\":1}",
        "{\"features\":[1]}", "-2", "2147483647", "2147483648", "\"http://h:8000/a/b\"", "\"https://user@h\"", "\"ftp://h\"",
        "\"http://h?a=b\"", "\"http://\"",
        "\"open-inference\"", "\"open-inference-grpc\"", "\"tensorflow-serving\"", "\"json\"", "\"POST\"", "\"post\"", "\"FP32\"",
        "\"fp32\"", "\"/a/0/~01\"", "\"/a~2\"", "\"a/b\"",
        "{\"kind\":\"open-inference\",\"url\":\"http://h\"}", "{\"kind\":\"json\",\"url\":\"http://h\"}", "{\"a b\":\"c\"}", "[1,-1]",
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1],\"at\":\"/x\"}],\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1],\"at\":\"\"}]}",
        "[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1],\"at\":\"/x\"}]", "[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1]}]",
        "{\"features\":[1]}", "[1,2,3]", "[1e10]", "1e-10", "1e10", "4096", "4097", "{\"height\":1,\"width\":2}", "{\"tokenizer\":\"bpe\"}",
        "\"NCHW\"", "\"BGR\"", "\"fit\"", "\"bpe\"", "\"cls\"", "\"vocab.txt\"", "\"../vocab\"",
    ];

    [Fact]
    public void Schema_EveryValueInEveryPlace_IsJudgedAsByTheReader()
    {
        var (accepted, refused) = (0, 0);
        foreach (var template in Templates)
        {
            foreach (var value in Values)
            {
                var json = template.Replace("\"#\"",
                    value.StartsWith('"') ? value : $"\"{value.Replace("\"", "", StringComparison.Ordinal)}\"", StringComparison.Ordinal)
                    .Replace("#", value, StringComparison.Ordinal);
                var bySchema = Schema.Accepts(JsonDocument.Parse(json).RootElement);
                var problems = Judge(json);
                // A schema can limit neither a duration nor a sum.
                var byReader = problems.All(problem =>
                    problem.Message.Contains("a duration from", StringComparison.Ordinal)
                        || problem.Message.Contains("add up to", StringComparison.Ordinal));
                Assert.True(bySchema == byReader,
                    $"{json}: the schema {(bySchema ? "accepts" : "refuses")} it; the reader says: {string.Join("; ", problems)}");
                (accepted, refused) = bySchema ? (accepted + 1, refused) : (accepted, refused + 1);
            }
        }

        // Both results must occur often. Otherwise the comparison would prove little.
        Assert.True(accepted > 150 && refused > 1000, $"{accepted} accepted, {refused} refused");
    }

    private static string Remote(string key) => $$"""{"remote":{"kind":"open-inference","url":"http://h","{{key}}":#} }""";

    private static string Service(string key) =>
        $$"""{"remote":{"kind":"json","url":"http://h","json":{"{{key}}":#,"inputs":[{"name":"x","datatype":"FP32","shape":[],"at":"/x"}],"outputs":[{"name":"y","datatype":"FP32","shape":[],"at":"/y"}]} } }""";

    private static string Tensors(string inputs) =>
        $$"""{"remote":{"kind":"json","url":"http://h","json":{"inputs":{{inputs}},"outputs":[{"name":"y","datatype":"FP32","shape":[],"at":"/y"}]} } }""";

    private static string Tensor(string hole, string name, string type, string shape, string at) => Tensors(
        $$"""[{"name":{{(hole == "name" ? "#" : $"\"{name}\"")}},"datatype":{{(hole == "datatype" ? "#" : $"\"{type}\"")}},"shape":{{shape}},"at":{{(hole == "at" ? "#" : $"\"{at}\"")}}}]""");

    private static IReadOnlyList<FileProblem> Judge(string json)
    {
        try
        {
            ModelSettingsReader.Read(Encoding.UTF8.GetBytes(json), ModelSettings.Default);
            return [];
        }
        catch (FileProblemsException e)
        {
            return e.Problems;
        }
    }
}
