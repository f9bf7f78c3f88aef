using System.Text;
using Inference.Models.Settings;
using Inference.Models.Settings.Remote;
using Inference.Models.Settings.Versions;
using Inference.Repository.ModelJson;
using Inference.Tensors;

namespace Inference.Repository.Tests.ModelJson;

public sealed class ModelSettingsReaderTests
{
    private const string Whole = """
        {
          "$schema": "../model.schema.json",
          "versions": {
            "serve": { "specific": [3, 4] },
            "labels": { "stable": 3, "canary": 4 },
            "traffic": [{ "version": "stable", "percent": 90 }, { "version": 4, "percent": 10 }],
            "shadow": "canary"
          },
          "batching": { "maxBatch": 16, "preferredSizes": [16, 8], "maxDelay": "00:00:00.005", "queueLimit": 256, "padding": { "ids": -0.5 } },
          "execution": { "threads": 2, "memoryProfile": "lean" },
          "lifecycle": {
            "preload": true, "pinned": false, "idleTimeout": "1.02:03:04",
            "warmup": [{ "request": { "features": [1, 2.5] }, "count": 3 }, {}]
          },
          "timeouts": { "request": "00:00:02" }, "results": { "digest": true },
          "image": {
            "height": 224, "width": 192, "layout": "NHWC", "channels": "BGR", "resize": "crop",
            "scale": 0.5, "mean": [1, 2, 3.5], "std": [2]
          },
          "text": {
            "tokenizer": "bpe", "vocab": "v.json", "merges": "m.txt", "maxTokens": 64, "lowercase": true, "pooling": "cls", "normalize": true
          }
        }
        """;

    [Fact]
    public void Read_EverySetting_HasItsValue()
    {
        var settings = Read(Whole);

        Assert.Equal([3, 4], settings.Versions.Serve.Numbers.AsEnumerable());
        Assert.Equal([KeyValuePair.Create("canary", 4L), KeyValuePair.Create("stable", 3L)], settings.Versions.Labels);
        Assert.Equal([new TrafficShare(new VersionRef("stable"), 90), new TrafficShare(new VersionRef(4), 10)], settings.Versions.Traffic
            .AsEnumerable());
        Assert.Equal(new VersionRef("canary"), settings.Versions.Shadow);
        Assert.Equal(16, settings.Batching.MaxBatch);
        Assert.Equal([8, 16], settings.Batching.PreferredSizes.AsEnumerable());
        Assert.Equal(TimeSpan.FromMilliseconds(5), settings.Batching.MaxDelay);
        Assert.Equal(256, settings.Batching.QueueLimit);
        Assert.Equal([KeyValuePair.Create("ids", -0.5f)], settings.Batching.Padding);
        Assert.Equal(new ExecutionSettings { Threads = 2, MemoryProfile = MemoryProfile.Lean }, settings.Execution);
        Assert.True(settings.Lifecycle is { Preload: true, Pinned: false });
        Assert.Equal(new TimeSpan(1, 2, 3, 4), settings.Lifecycle.IdleTimeout);
        Assert.Equal(
            [("""{ "features": [1, 2.5] }""", 3), (null, 1)], settings.Lifecycle.Warmup.Select(sample => (sample.Request, sample.Count)));
        Assert.Equal(TimeSpan.FromSeconds(2), settings.Timeouts.Request);
        Assert.True(settings.Results.IncludesDigest);
        Assert.True(
            settings.Image is
            {
                Height: 224, Width: 192, Layout: ImageLayout.Nhwc, Channels: ImageChannels.Bgr, Resize: ImageResize.Crop,
                Scale: 0.5f
            });
        Assert.Equal([1f, 2, 3.5f, 2], settings.Image.Mean.Concat(settings.Image.Std));
        Assert.Equal(
            new TextSettings
            {
                Tokenizer = TokenizerKind.Bpe,
                Vocab = "v.json",
                Merges = "m.txt",
                MaxTokens = 64,
                Lowercase = true,
                Pooling = TextPooling.Cls,
                Normalize = true
            },
            settings.Text);
    }

    [Fact]
    public void Read_Remote_EverySettingHasItsValue()
    {
        var remote = Read("""
            {"remote":{"kind":"open-inference-grpc","url":"https://models:8001","model":"n","version":"3","headers":{"x-a":"b c"},
              "keySetting":"k","keyHeader":"x-key","timeout":"00:00:02","concurrency":4,"maxResponseBytes":1000}}
            """).Remote!;
        var service = Read("""
            {"remote":{"kind":"json","url":"http://h/score","json":{"method":"PUT","request":{"a":1},
              "inputs":[{"name":"x","datatype":"FP32","shape":[-1,4],"at":"/x"}],"outputs":[{"name":"y","datatype":"INT64","shape":[],"at":""}]}}}
            """).Remote!;

        Assert.Equal((RemoteKind.OpenInferenceGrpc, new Uri("https://models:8001"), "n", "3"),
            (remote.Kind, remote.Url, remote.Model, remote.Version));
        Assert.Equal([KeyValuePair.Create("x-a", "b c")], remote.Headers);
        Assert.Equal(("k", "x-key", TimeSpan.FromSeconds(2), 4, 1000),
            (remote.KeySetting, remote.KeyHeader, remote.Timeout, remote.Concurrency, remote.MaxResponseBytes));
        Assert.Equal(("PUT", """{"a":1}"""), (service.Json!.Method, service.Json.Request));
        Assert.Equal([new JsonTensor("x", ElementType.Float32, new Shape(Shape.Dynamic, 4), "/x")], service.Json.Inputs.AsEnumerable());
        Assert.Equal([new JsonTensor("y", ElementType.Int64, new Shape(), "")], service.Json.Outputs.AsEnumerable());
        Assert.Equal((TimeSpan.FromSeconds(30), 16), (service.Timeout, service.Concurrency));
    }

    [Fact]
    public void Read_Nothing_HasTheDefaults()
    {
        var settings = Read("{}");

        Assert.Equal(ModelSettings.Default, settings);
        Assert.Equal(VersionPolicy.All, settings.Versions.Serve);
        Assert.True(
            settings.Batching is { MaxBatch: null, QueueLimit: null, PreferredSizes.IsEmpty: true }
                && settings.Batching.MaxDelay == TimeSpan.Zero);
        Assert.Equal(new ExecutionSettings { Threads = null, MemoryProfile = MemoryProfile.Balanced }, settings.Execution);
        Assert.True(settings.Lifecycle is { Preload: false, Pinned: false, IdleTimeout: null, Warmup.IsEmpty: true });
        Assert.Null(settings.Timeouts.Request);
    }

    [Theory]
    [InlineData("""{"versions":{"serve":"all"}}""")]
    [InlineData("""{"versions":{"serve":{"latest":2}}}""")]
    [InlineData("""{"batching":{"maxBatch":1,"maxDelay":"00:00:00"}}""")]
    [InlineData("""{"batching":{"maxBatch":2.0,"queueLimit":1e3}}""")]
    [InlineData("""{"lifecycle":{"warmup":true,"idleTimeout":"365.00:00:00"}}""")]
    [InlineData("""{"lifecycle":{"warmup":false,"pinned":true}}""")]
    [InlineData(
        """{"versions":{"labels":{"a.1-_":9223372036854775807},"traffic":[{"version":1,"percent":100},{"version":"a.1-_","percent":0}]}}""")]
    public void Read_Good_IsAccepted(string json) => Read(json);

    [Fact]
    public void Read_AByteOrderMark_IsSkipped() =>
        Assert.Equal(3,
            ModelSettingsReader.Read(Encoding.UTF8.Preamble
                .ToArray().Concat("""{"execution":{"threads":3}}"""u8.ToArray()).ToArray(), ModelSettings.Default).Execution.Threads);

    [Fact]
    public void Read_WarmupForms_AreSamples()
    {
        Assert.Equal([new WarmupSample(null, 1)], Read("""{"lifecycle":{"warmup":true}}""").Lifecycle.Warmup.AsEnumerable());
        Assert.Empty(Read("""{"lifecycle":{"warmup":false}}""").Lifecycle.Warmup);
        Assert.Equal([new WarmupSample(null, 7)], Read("""{"lifecycle":{"warmup":[{"count":7}]}}""").Lifecycle.Warmup.AsEnumerable());
    }

    [Theory]
    // Remote servers.
    [InlineData("""{"remote":{"kind":"open-inference"}}""", "$.remote: \"url\" is missing.")]
    [InlineData("""{"remote":{"kind":"openinference","url":"http://h"}}""", "Did you mean \"open-inference\"?")]
    [InlineData("""{"remote":{"kind":"json","url":"http://h"}}""", "$.remote: \"json\" is missing.")]
    [InlineData("""{"remote":{"kind":"open-inference","url":"http://u:p@h"}}""", "$.remote.url: \"http://u:p@h\" is not an address")]
    [InlineData(
        """{"remote":{"kind":"open-inference","url":"http://h","keyHeader":"a"}}""", "$.remote.keyHeader: \"keySetting\", which names")]
    [InlineData(
        """{"remote":{"kind":"json","url":"http://h","json":{"inputs":[{"name":"x","datatype":"FP32","shape":[],"at":"x"}],"outputs":[{"name":"y","datatype":"FP32","shape":[],"at":"/y"}]}}}""", "$.remote.json.inputs[0].at: \"x\" is not a JSON pointer")]
    // Not JSON.
    [InlineData("", "model.json:1:1: This is not valid JSON")]
    [InlineData("{\n  \"batching\": {,}\n}", "model.json:2:16: This is not valid JSON")]
    [InlineData("{} {}", "model.json:1:4: This is not valid JSON")]
    [InlineData("{\"batching\":{},}", "model.json:1:16: This is not valid JSON")]
    [InlineData("{ // no\n}", "model.json:1:3: This is not valid JSON")]
    [InlineData("""{"$schema":"\ud800"}""", "model.json:1:12: This is not valid UTF-8 text")]
    // Keys.
    [InlineData("{\n  \"bathing\": {}\n}", "model.json:2:14: $.bathing: This key is not known. Did you mean \"batching\"?")]
    [InlineData("""{"batching":{"max_batch":4}}""", "$.batching.max_batch: This key is not known. Did you mean \"maxBatch\"?")]
    [InlineData("""{"batching":{"padding":{"x":"0"}}}""",
        "$.batching.padding.x: This is a string; a number from -16777216 to 16777216 is expected.")]
    [InlineData(
        """{"batching":{"padding":0}}""", "$.batching.padding: This is a number; an object of input names and numbers is expected.")]
    [InlineData("""{"batching":{"wings":4}}""",
        "$.batching.wings: This key is not known. Known here: contract, maxBatch, maxDelay, padding, preferredSizes, queueLimit.")]
    [InlineData("""{"a\nb":1}""", "$[\"a\\nb\"]: This key is not known.")]
    [InlineData("""{"batching":{},"batching":{}}""", "model.json:1:16: $.batching: This key is given twice.")]
    [InlineData("""{"versions":{"labels":{"a":1,"a":2}}}""", "$.versions.labels.a: This key is given twice.")]
    // Types and ranges.
    [InlineData("[]", "$: This is an array; an object is expected.")]
    [InlineData("""{"batching":null}""", "$.batching: This is null; an object is expected.")]
    [InlineData("""{"batching":{"maxBatch":"4"}}""", "$.batching.maxBatch: This is a string; a whole number from 1 to 65536 is expected.")]
    [InlineData("""{"batching":{"maxBatch":0}}""", "$.batching.maxBatch: 0 is given; a whole number from 1 to 65536 is expected.")]
    [InlineData("""{"batching":{"maxBatch":1.5}}""", "1.5 is given; a whole number")]
    [InlineData("""{"batching":{"maxBatch":1e99}}""", "1e99 is given; a whole number")]
    [InlineData("""{"execution":{"threads":0}}""", "$.execution.threads: 0 is given; a whole number from 1 to 1024")]
    [InlineData(
        """{"batching":{"contract":"yes"}}""", "$.batching.contract: \"yes\" is given; \"proven\", \"none\" or \"declared\" is expected.")]
    [InlineData("""{"execution":{"memoryProfile":"fast"}}""",
        "$.execution.memoryProfile: \"fast\" is given; \"latency\", \"balanced\" or \"lean\" is expected.")]
    [InlineData("""{"batching":{"maxDelay":"5ms"}}""", "$.batching.maxDelay: \"5ms\" is not a duration such as \"00:00:00.005\"")]
    [InlineData("""{"batching":{"maxDelay":5}}""", "$.batching.maxDelay: This is a number; a duration such as")]
    [InlineData(
        """{"batching":{"maxDelay":"00:01:01"}}""", "\"00:01:01\" is given; a duration from \"00:00:00\" to \"00:01:00\" is expected.")]
    [InlineData("""{"batching":{"maxDelay":"24:00:00"}}""", "\"24:00:00\" is not a duration")]
    [InlineData("""{"batching":{"maxDelay":"00:00:00\n"}}""", "is not a duration")]
    [InlineData("""{"timeouts":{"request":"00:00:00"}}""",
        "$.timeouts.request: \"00:00:00\" is given; a duration from \"00:00:00.001\" to \"1.00:00:00\"")]
    [InlineData("""{"batching":{"preferredSizes":[]}}""", "$.batching.preferredSizes: This is empty")]
    [InlineData("""{"batching":{"preferredSizes":[4,8,4]}}""", "$.batching.preferredSizes[2]: 4 is given twice.")]
    [InlineData("""{"lifecycle":{"preload":1}}""", "$.lifecycle.preload: This is a number; true or false is expected.")]
    [InlineData("""{"lifecycle":{"warmup":[{"request":[1]}]}}""", "$.lifecycle.warmup[0].request: This is an array; a request body")]
    [InlineData("""{"lifecycle":{"warmup":[{"count":0}]}}""", "$.lifecycle.warmup[0].count: 0 is given")]
    // Versions.
    [InlineData("""{"versions":{"serve":"latest"}}""",
        "$.versions.serve: This is a string; \"all\", {\"latest\": 2} or {\"specific\": [1, 3]} is expected.")]
    [InlineData("""{"versions":{"serve":{}}}""", "$.versions.serve: This needs exactly one known key; \"all\"")]
    [InlineData("""{"versions":{"serve":{"latest":1,"specific":[1]}}}""", "$.versions.serve: This needs exactly one known key; \"all\"")]
    [InlineData(
        """{"versions":{"serve":{"specific":[0]}}}""", "$.versions.serve.specific[0]: 0 is given; a whole number from 1 is expected.")]
    [InlineData("""{"versions":{"labels":{"12":1}}}""", "\"12\" is not a label")]
    [InlineData("""{"versions":{"labels":{"../x":1}}}""", "\"../x\" is not a label")]
    [InlineData("""{"versions":{"shadow":"2"}}""", "$.versions.shadow: \"2\" is not a label")]
    [InlineData("""{"versions":{"traffic":[{"version":1}]}}""", "$.versions.traffic[0]: \"percent\" is missing.")]
    [InlineData("""{"versions":{"traffic":[{"version":1,"percent":101}]}}""", "$.versions.traffic[0].percent: 101 is given")]
    // Contradictions.
    [InlineData("""{"versions":{"traffic":[{"version":1,"percent":60},{"version":2,"percent":30}]}}""",
        "$.versions.traffic: The percentages add up to 90; they must add up to 100.")]
    [InlineData("""{"versions":{"labels":{"a":1},"traffic":[{"version":"a","percent":60},{"version":1,"percent":40}]}}""",
        "$.versions.traffic: Version 1 is listed more than once, by number or by label. Merge its percentages.")]
    [InlineData("""{"versions":{"labels":{"canary":1},"shadow":"canari"}}""",
        "$.versions.shadow: Label \"canari\" is not among \"labels\". Did you mean \"canary\"?")]
    [InlineData("""{"versions":{"serve":{"specific":[1]},"labels":{"b.c":2}}}""",
        "$.versions.labels[\"b.c\"]: Label \"b.c\" points at version 2, which \"serve\" excludes.")]
    [InlineData("""{"versions":{"serve":{"specific":[1]},"shadow":2}}""", "$.versions.shadow: Version 2 is excluded by \"serve\".")]
    [InlineData(
        """{"batching":{"maxBatch":4,"preferredSizes":[2,8]}}""", "$.batching.preferredSizes: A preferred size is 8, but maxBatch is 4.")]
    [InlineData(
        """{"batching":{"maxBatch":1,"maxDelay":"00:00:01"}}""", "$.batching.maxDelay: maxBatch is 1, so a run never waits")]
    [InlineData(
        """{"batching":{"maxDelay":"00:00:01"},"timeouts":{"request":"00:00:01"}}""", "$.batching.maxDelay: A wait of 00:00:01")]
    [InlineData("""{"lifecycle":{"pinned":true,"idleTimeout":"00:00:10"}}""", "$.lifecycle.idleTimeout: A pinned model is never unloaded")]
    [InlineData("""{"image":{"height":1,"width":1,"mean":[1,2]}}""", "$.image.mean: This has 2 numbers; one, or one for each channel (3)")]
    [InlineData("""{"image":{"height":1,"width":1,"channels":"GRAY","std":[1,2,3]}}""",
        "$.image.std: This has 3 numbers; one, or one for each channel (1)")]
    public void Read_Bad_NamesTheProblemAndItsPosition(string json, string expected)
    {
        var problem = Assert.Single(ProblemsOf(json));

        Assert.Contains(expected, problem.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("reader options", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ManyErrors_ReportsAllInOrder()
    {
        var problems = ProblemsOf("""
            {
              "executoin": {},
              "batching": {
                "maxBatch": "many",
                "maxDelay": "soon"
              },
              "versions": { "traffic": [{ "versoin": 1, "percent": -1 }] }
            }
            """);

        Assert.Equal([2, 4, 5, 7, 7, 7], problems.Select(problem => problem.Line));
        Assert.Equal(["$.executoin", "$.batching.maxBatch", "$.batching.maxDelay"], problems.Take(3).Select(problem => problem.Path));
    }

    [Fact]
    public void Read_TooManyErrors_StopsTelling()
    {
        var problems = ProblemsOf("{\"batching\":{\"preferredSizes\":[" + string.Join(',', Enumerable.Repeat("0", 5000)) + "]}}");

        Assert.Equal(ProblemList.MaxProblems + 1, problems.Count);
        Assert.Contains("Only the first 100 are listed.", problems[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooLarge_IsRefusedUnread()
    {
        var problem = Assert.Single(ProblemsOf(new string(' ', SettingsFile.MaxSize + 1)));

        Assert.Contains("at most 1048576 are read", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooDeep_IsRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100_000));

        Assert.Contains("not valid JSON", Assert.Single(ProblemsOf($$"""{"lifecycle":{{deep}}""")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OverOtherSettings_ReplacesWholeGroupsOnly()
    {
        var others = new ModelSettings
        {
            Batching = new BatchingSettings { MaxBatch = 8, QueueLimit = 9 },
            Execution = new ExecutionSettings { Threads = 4 },
        };

        var settings = ModelSettingsReader.Read("""{"batching":{"maxBatch":2}}"""u8.ToArray(), others);

        Assert.Equal(2, settings.Batching.MaxBatch);
        Assert.Null(settings.Batching.QueueLimit);
        Assert.Equal(4, settings.Execution.Threads);
    }

    private static ModelSettings Read(string json) => ModelSettingsReader.Read(Encoding.UTF8.GetBytes(json), ModelSettings.Default);

    private static IReadOnlyList<FileProblem> ProblemsOf(string json) => Assert.Throws<FileProblemsException>(() => Read(json)).Problems;
}
