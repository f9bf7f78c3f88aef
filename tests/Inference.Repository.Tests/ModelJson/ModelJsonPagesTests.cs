using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Inference.Models.Settings;
using Inference.Repository.ModelJson;
using Inference.Tensors;

namespace Inference.Repository.Tests.ModelJson;

/// <summary>Compares models/model.schema.json and the tables of keys in docs/models-settings.md with <see cref="ModelJsonKeys"/>.</summary>
public sealed partial class ModelJsonPagesTests
{
    private const string Variable = "UPDATE_GENERATED";

    private static readonly JsonSerializerOptions Readable = new() { Converters = { new ShapeText() } };

    [Fact]
    public void Schema_IsGenerated() => AssertIs(RepositoryFile.PathOf("models", "model.schema.json"), _ => ModelJsonPages.Schema());

    [Fact]
    public void TablesOfKeys_AreGenerated() =>
        AssertIs(RepositoryFile.PathOf("docs", "models-settings.md"), page => Tables().Replace(page, match =>
            $"{match.Groups["start"]}\n\n{ModelJsonPages.Table(match.Groups["groups"].Value.Split(' '))}\n{match.Groups["end"]}"));

    [Fact]
    public void TablesOfKeys_HaveEveryGroupOnce()
    {
        var page = File.ReadAllText(RepositoryFile.PathOf("docs", "models-settings.md"));
        var shown = Tables().Matches(page).SelectMany(match => match.Groups["groups"].Value.Split(' '));

        Assert.Equal(ModelJsonKeys.Root.Where(key => key.Kind.Keys.Any()).Select(key => key.Name).Order(), shown.Order());
    }

    public static TheoryData<string> KeysWithDefaults() =>
        [.. ModelJsonKeys.Root.Keys.Where(key => key.Key.DefaultValue is not null).Select(key => key.Path)];

    [Theory]
    [MemberData(nameof(KeysWithDefaults))]
    public void Default_WrittenIntoTheFile_ChangesNothing(string path)
    {
        var value = ModelJsonKeys.Root.Keys.Single(key => key.Path == path).Key.DefaultValue!;
        var names = path[1..].Split('.');
        var document = Around(names[0]);
        var parent = names[..^1].Aggregate(document, Step);
        Assert.False(parent.AsObject().ContainsKey(names[^1]));
        var without = Read(document);
        parent[names[^1]] = value;

        Assert.Equal(without, Read(document));
    }

    /// <summary>
    /// Returns a document with the objects that contain the keys of a group, and with the required keys of these objects.
    /// </summary>
    private static JsonNode Around(string group) => JsonNode.Parse(group switch
    {
        "remote" => """
            {"remote":{"kind":"json","url":"http://h","json":{"inputs":[{"name":"x","datatype":"FP32","shape":[],"at":"/x"}],
              "outputs":[{"name":"y","datatype":"FP32","shape":[],"at":"/y"}]}}}
            """,
        "image" => """{"image":{"height":1,"width":1}}""",
        _ => $$"""{"{{group}}":{} }""",
    })!;

    /// <summary>Returns the value of a key, and creates a missing value. <c>name[]</c> means the only item of an array.</summary>
    private static JsonNode Step(JsonNode node, string name)
    {
        if (!name.EndsWith("[]", StringComparison.Ordinal))
            return node[name] ??= new JsonObject();
        var array = node[name[..^2]] ??= new JsonArray(new JsonObject());
        return array[0]!;
    }

    /// <summary>Returns the settings of a document as text, because records compare their lists by identity.</summary>
    private static string Read(JsonNode document) =>
        JsonSerializer.Serialize(
            ModelSettingsReader.Read(Encoding.UTF8.GetBytes(document.ToJsonString()), ModelSettings.Default), Readable);

    private static void AssertIs(string path, Func<string, string> generate)
    {
        var committed = File.ReadAllText(path);
        var generated = generate(committed);
        if (Environment.GetEnvironmentVariable(Variable) == "1")
            File.WriteAllText(path, generated);
        else
            Assert.True(committed == generated, $"{path} differs from the table of keys: run these tests with {Variable}=1 to rewrite it.");
    }

    [GeneratedRegex("(?<start><!-- keys of (?<groups>[a-z ]+) -->)\n.*?(?<end><!-- end of keys -->)", RegexOptions.Singleline)]
    private static partial Regex Tables();

    private sealed class ShapeText : JsonConverter<Shape>
    {
        public override Shape Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Shape value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
