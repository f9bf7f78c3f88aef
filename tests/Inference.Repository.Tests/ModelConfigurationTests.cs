using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Repository.Tests;

public sealed class ModelConfigurationTests
{
    private static readonly ModelSignature Batched = new(
        [Spec("x", ElementType.Float32, "batch", "", -1, 4), Spec("ids", ElementType.Int64, "batch", "length", -1, -1)],
        [Spec("y", ElementType.Bytes, "batch", "", -1, 10)]);

    private static readonly ModelSignature Fixed =
        new([Spec("x", ElementType.Float32, "", "", 1, 4)], [Spec("y", ElementType.Float32, "", "", 1, 2)]);

    [Fact]
    public void Read_Neither_HasTheDefaults()
    {
        var configuration = Read(json: null, pbtxt: null);

        Assert.Equal(ModelConfiguration.Default, configuration);
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void Read_Both_AGroupOfModelJsonReplacesTheWholeGroup()
    {
        var configuration = Read(
            """{"batching":{"queueLimit":5},"timeouts":{}}""",
            "max_batch_size: 8 wings: 2 dynamic_batching { default_queue_policy { default_timeout_microseconds: 9 } } version_policy { "
            + "latest { num_versions: 3 } }");

        Assert.Equal(new BatchingSettings { QueueLimit = 5 },
            configuration.Settings.Batching with { PreferredSizes = new BatchingSettings().PreferredSizes });
        Assert.Null(configuration.Settings.Timeouts.Request);
        Assert.Equal(3, configuration.Settings.Versions.Serve.LatestCount);
        Assert.Equal(8, configuration.Declared!.MaxBatchSize);
        Assert.Equal(["wings", "dynamic_batching.default_queue_policy.default_timeout_microseconds"],
            configuration.Warnings.Select(warning => warning.Path));
    }

    [Fact]
    public void Read_BothAreWrong_ReportsBoth()
    {
        var problems = Assert.Throws<FileProblemsException>(() => Read("""{"batching":1}""", "backend: 'python' x")).Problems;

        Assert.Equal(["model.json", "config.pbtxt"], problems.Select(problem => problem.File));
    }

    [Fact]
    public void Read_ModelJsonContradictsTheOther_IsRefused()
    {
        var problem = Assert.Single(Assert.Throws<FileProblemsException>(() => Read(
            """{"timeouts":{"request":"00:00:00.001"}}""",
            "max_batch_size: 4 dynamic_batching { max_queue_delay_microseconds: 5000 }")).Problems);

        Assert.Contains("A wait of 00:00:00.0050000", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("max_batch_size: 8")]
    [InlineData("max_batch_size: 8 input { name: 'x' data_type: TYPE_FP32 dims: 4 } input { name: 'ids' data_type: TYPE_INT64 dims: -1 }")]
    [InlineData(
        "max_batch_size: 8 input { name: 'ids' dims: 128 } input { name: 'x' } output { name: 'y' data_type: TYPE_STRING dims: 10 }")]
    [InlineData("max_batch_size: 0 input { name: 'x' dims: [-1, 4] } input { name: 'ids' dims: [-1, -1] }")]
    [InlineData("input { name: 'x' dims: [4] } input { name: 'ids' dims: [-1, -1] }")]
    [InlineData("max_batch_size: 8 output { name: 'y' dims: [2, 5] reshape { shape: 10 } }")]
    public void ThrowIfContradicted_AgreesWithTheModel_IsAccepted(string pbtxt) => Read(json: null, pbtxt).ThrowIfContradicted(Batched);

    [Theory]
    [InlineData("max_batch_size: 8 input { name: 'x' dims: 5 } input { name: 'ids' dims: -1 }",
        "config.pbtxt:1:19: input: \"x\" is declared with dimensions [5] after the batch dimension that max_batch_size: 8 adds, but the "
        + "model has [-1,4].")]
    [InlineData("max_batch_size: 8 input { name: 'x' dims: -1 } input { name: 'ids' }", "\"x\" is declared with dimensions [-1] after")]
    [InlineData("max_batch_size: 8 input { name: 'x' dims: [-1, 4] } input { name: 'ids' }", "dimensions [-1,4] after the batch dimension")]
    [InlineData("max_batch_size: 0 input { name: 'x' dims: 4 } input { name: 'ids' }",
        "\"x\" is declared with dimensions [4], but the model has [-1,4].")]
    [InlineData("input { name: 'x' dims: [4, 4, 4] } input { name: 'ids' }", "dimensions [4,4,4], but")]
    [InlineData("input { name: 'x' data_type: TYPE_FP16 } input { name: 'ids' }", "\"x\" is declared as FP16, but the model has FP32.")]
    [InlineData("input { name: 'x' }", "config.pbtxt: input: The model's input \"ids\" (INT64 [-1,-1]) is missing.")]
    [InlineData("output { name: 'z' }", "output: The model has no output \"z\"; it has \"y\".")]
    public void Check_ContradictsTheModel_IsRefused(string pbtxt, string expected)
    {
        var problem = Assert.Single(ProblemsOf(Read(json: null, pbtxt), Batched));

        AssertText.Contains(expected, problem.ToString());
    }

    [Fact]
    public void Check_ManyContradictions_ReportsAll() =>
        Assert.Equal(
            5, ProblemsOf(Read(null, "max_batch_size: 2 input { name: 'a' } output { name: 'y' data_type: TYPE_INT8 }"), Fixed).Count);

    [Theory]
    [InlineData("""{"batching":{"contract":"declared","maxBatch":4}}""", null,
        "model.json: $.batching.contract: It is \"declared\", but not every input and output starts with a dynamic dimension")]
    [InlineData(null, "max_batch_size: 4", "config.pbtxt: max_batch_size: It is 4, but the model's input \"x\" has shape [1,4]",
        "output \"y\" has shape [1,2]")]
    public void Check_BatchesOfAModelWithoutThem_IsRefused(string? json, string? pbtxt, params string[] expected)
    {
        var configuration = Read(json, pbtxt);

        configuration.ThrowIfContradicted(Batched);
        var problems = ProblemsOf(configuration, Fixed);
        Assert.Equal(expected.Length, problems.Count);
        Assert.All(expected.Zip(problems), pair => Assert.Contains(pair.First, pair.Second.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Check_BatchSizeOfAModelWhoseOutputHasNoBatch_IsRefused()
    {
        var signature =
            new ModelSignature([Spec("x", ElementType.Float32, "n", "", -1, 4)], [Spec("y", ElementType.Float32, "", "", 1, 4)]);

        var problem = Assert.Single(ProblemsOf(Read(json: null, "max_batch_size: 8"), signature));

        Assert.Contains("output \"y\" has shape [1,4]: its first dimension is not dynamic", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"batching":{"maxBatch":4,"padding":{"x":0}}}""", 0)]
    [InlineData("""{"batching":{"contract":"none","maxBatch":4,"padding":{"other":0}}}""", 2)]
    public void Check_SettingsOfSharedRunsWithoutAContract_RefuseNothing(string json, int warnings)
    {
        var configuration = Read(json, pbtxt: null);

        configuration.ThrowIfContradicted(Batched);
        configuration.ThrowIfContradicted(Fixed);
        Assert.Equal(warnings, configuration.Warnings.Count);
    }

    [Theory]
    [InlineData("""{"batching":{"maxBatch":8,"preferredSizes":[4],"maxDelay":"00:00:01","padding":{"x":0}}}""", null, "")]
    [InlineData("""{"batching":{"contract":"none","maxBatch":8,"preferredSizes":[4],"maxDelay":"00:00:01","padding":{"x":0}}}""", null,
        "maxBatch,preferredSizes,maxDelay,padding")]
    [InlineData("""{"batching":{"contract":"none","maxDelay":"00:00:01"}}""", "max_batch_size: 8", "maxDelay")]
    [InlineData("""{"batching":{"contract":"declared","maxBatch":8}}""", null, "")]
    [InlineData("""{"batching":{"queueLimit":8}}""", null, "")]
    [InlineData(null, "max_batch_size: 8 dynamic_batching { preferred_batch_size: 4 }", "")]
    public void Warnings_SettingsWithoutEffectUnderTheContract_AreNamed(string? json, string? pbtxt, string keys) =>
        Assert.Equal(keys,
            string.Join(
                ',', Read(json, pbtxt).Warnings.Select(warning => warning.Path.Replace("$.batching.", "", StringComparison.Ordinal))));

    private static ModelConfiguration Read(string? json, string? pbtxt) => ModelConfigurationReader.Parse(
        ModelName.Parse("m"), [.. File("model.json", json), .. File("config.pbtxt", pbtxt)]);

    private static SettingsFile[] File(string name, string? content) =>
        content is null ? [] : [new SettingsFile(name, Encoding.UTF8.GetBytes(content))];

    private static IReadOnlyList<FileProblem> ProblemsOf(ModelConfiguration configuration, ModelSignature signature) =>
        Assert.Throws<FileProblemsException>(() => configuration.ThrowIfContradicted(signature)).Problems;

    private static TensorSpec Spec(string name, ElementType type, string first, string second, params long[] dimensions) =>
        new(name, type, new Shape(dimensions), [first, second]);
}
