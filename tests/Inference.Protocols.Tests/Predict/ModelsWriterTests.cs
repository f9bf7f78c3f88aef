using System.Buffers;
using System.Text.Json;
using Inference.Catalog;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Protocols.Predict;
using Inference.Testing;

namespace Inference.Protocols.Tests.Predict;

public sealed class ModelsWriterTests
{
    private const string Advice =
        "If the result of an item never depends on the other items of its run, set batching.contract to \\\"declared\\\".";

    public static TheoryData<string?, BatchVerdict, string> Contracts { get; } = new()
    {
        { null, BatchVerdict.Pending, """{"contract":"pending"}""" },
        { null, BatchVerdict.NotProven("Node r mixes items."),
            $$"""{"contract":"notProven","reason":"Node r mixes items.","advice":"{{Advice}}"}""" },
        { null, BatchVerdict.Proven(new BatchLayout([0], [0])), """{"contract":"proven"}""" },
        { null, BatchVerdict.Unexamined, $$"""{"contract":"none","advice":"{{Advice}}"}""" },
        { "none", BatchVerdict.Proven(new BatchLayout([0], [0])), """{"contract":"none"}""" },
        { "declared", BatchVerdict.NotProven("Node r mixes items."), """{"contract":"declared"}""" },
    };

    [Theory]
    [MemberData(nameof(Contracts))]
    public async Task WriteModel_Batching_SaysWhetherRequestsShareRunsAndWhyNot(string? setting, BatchVerdict verdict, string expected)
    {
        var store = new FakeModelStore().Add("m");
        if (setting is not null)
            store.Configure("m", $$$"""{"batching":{"contract":"{{{setting}}}"}}""");
        await using var catalog = TestCatalog.Create(store, new FakeModelRuntime { BatchVerdict = verdict });
        var name = ModelName.Parse("m");
        Assert.DoesNotContain("batching", Write(await catalog.ListAsync(name, CancellationToken.None)), StringComparison.Ordinal);

        (await catalog.LeaseAsync(name, default, CancellationToken.None)).Dispose();

        using var written = JsonDocument.Parse(Write(await catalog.ListAsync(name, CancellationToken.None)));
        using var expectedJson = JsonDocument.Parse(expected);
        var batching = written.RootElement.GetProperty("versions")[0].GetProperty("batching");
        Assert.True(JsonElement.DeepEquals(expectedJson.RootElement, batching), $"{batching}");
    }

    [Theory]
    [InlineData(FailureCause.Files, "\"cause\":\"files\"")]
    [InlineData(FailureCause.Settings, "\"cause\":\"settings\"")]
    [InlineData(FailureCause.Store, "\"cause\":\"store\"")]
    [InlineData(null, "\"reason\":\"broken\",\"size\"")]
    public void WriteModel_FailedVersion_HasItsCauseIfItIsKnown(FailureCause? cause, string expected)
    {
        var version = new ModelVersion(new ModelId(ModelName.Parse("m"), 1), "", 1);

        var written = Write([new ModelStatus(version, ModelState.Failed, "broken") { Cause = cause }]);

        AssertText.Contains(expected, written);
    }

    private static string Write(IReadOnlyList<ModelStatus> statuses)
    {
        var output = new ArrayBufferWriter<byte>();
        ModelsWriter.WriteModel(output, ModelName.Parse("m"), statuses, described: null);
        return System.Text.Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
