using System.Text.Json;
using System.Text.RegularExpressions;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests the models that models/recipes/texts.py trains, with sentences that are not in the training data.</summary>
public sealed partial class TrainedTextTests(TrainedTextTests.Server server, EmbeddedModelsTests.Server embedded)
    : IClassFixture<TrainedTextTests.Server>, IClassFixture<EmbeddedModelsTests.Server>
{
    private const double Tolerance = 1e-5;

    [Fact]
    public async Task Predict_SentencesWithEntities_FindsThemAtTheirPlaces()
    {
        var (right, count) = (0, 0);
        var wrong = new List<string>();
        foreach (var (text, entities) in Lines("entities").Select(Unmark))
        {
            var found = EntitiesOf((await AskAsync(embedded.Process, "entities", text)).GetProperty("predictions")[0]).ToList();
            right += 2 * found.Intersect(entities).Count();
            count += found.Count + entities.Count;
            if (!found.SequenceEqual(entities))
                wrong.Add($"{text} {string.Join(' ', found)}");
        }

        Assert.True(right >= 0.8 * count, $"{right} of {count}\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public async Task Predict_Reviews_SeparatesGoodFromBad()
    {
        var reviews = Lines("sentiment").Select(line => line.Split(' ', 2)).ToList();
        var wrong = new List<string>();
        foreach (var review in reviews)
        {
            var labels = (await AskAsync(server.Process, "sentiment", review[1])).GetProperty("predictions")[0];
            if (labels[0].GetProperty("label").GetString() != review[0])
                wrong.Add($"{review[1]} {labels}");
        }

        Assert.True(wrong.Count <= reviews.Count / 10, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Embed_Requests_PutsEachNextToItsParaphrase()
    {
        string[] texts = [.. Lines("paraphrases").SelectMany(line => line.Split(" | "))];

        var vectors = (await AskAsync(server.Process, "paraphrases", texts)).GetProperty("predictions").EnumerateArray()
            .Select(Numbers).ToList();

        foreach (var (index, vector) in vectors.Index())
        {
            var nearest = Enumerable.Range(0, texts.Length).Where(other => other != index)
                .MaxBy(other => Dot(vector, vectors[other]));
            Assert.True(nearest == (index ^ 1), $"{texts[index]} is next to {texts[nearest]}");
        }
    }

    [Theory]
    [InlineData("entities")]
    [InlineData("sentiment")]
    [InlineData("paraphrases")]
    public async Task Predict_TextsTogether_AnswersAsForEachAlone(string model)
    {
        var process = model == "entities" ? embedded.Process : server.Process;
        string[] texts = [.. Lines(model).Select(line => Unmark(line).Text)];

        var together = (await AskAsync(process, model, texts)).GetProperty("predictions");

        Assert.Equal(texts.Length, together.GetArrayLength());
        foreach (var (index, text) in texts.Index())
            AssertClose((await AskAsync(process, model, text)).GetProperty("predictions")[0], together[index]);
    }

    private static IEnumerable<string> Lines(string model) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "models", "recipes", $"{model}-test.txt"))
            .Where(line => line.Length > 0 && line[0] != '#');

    private static Task<JsonElement> AskAsync(FunctionsProcess process, string model, object text) =>
        process.PostJsonAsync($"/models/{model}/predict", JsonSerializer.Serialize(new { text }));

    /// <summary>Reads a line with marked entities, such as <c>[Ada|PER] lives here.</c></summary>
    /// <returns>The text, and for each entity its label, start and end in code points.</returns>
    private static (string Text, List<(string Label, int Start, int End)> Entities) Unmark(string line)
    {
        var (text, entities, at) = ("", new List<(string, int, int)>(), 0);
        foreach (Match mark in Mark().Matches(line))
        {
            text += line[at..mark.Index];
            var start = CodePoints(text);
            text += mark.Groups[1].Value;
            entities.Add((mark.Groups[2].Value, start, CodePoints(text)));
            at = mark.Index + mark.Length;
        }

        return (text + line[at..], entities);
    }

    private static int CodePoints(string text) => text.EnumerateRunes().Count();

    private static IEnumerable<(string Label, int Start, int End)> EntitiesOf(JsonElement entities) =>
        entities.EnumerateArray().Select(entity => (
            entity.GetProperty("entity_group").GetString()!, entity.GetProperty("start").GetInt32(), entity.GetProperty("end").GetInt32()));

    private static float Dot(float[] left, float[] right) => left.Zip(right, (one, other) => one * other).Sum();

    private static float[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetSingle())];

    /// <summary>Compares the structure, the texts, and the numbers within the tolerance.</summary>
    private static void AssertClose(JsonElement expected, JsonElement actual)
    {
        Assert.Equal(expected.ValueKind, actual.ValueKind);
        switch (expected.ValueKind)
        {
            case JsonValueKind.Array:
                Assert.Equal(expected.GetArrayLength(), actual.GetArrayLength());
                foreach (var (left, right) in expected.EnumerateArray().Zip(actual.EnumerateArray()))
                    AssertClose(left, right);
                break;
            case JsonValueKind.Object:
                foreach (var property in expected.EnumerateObject())
                    AssertClose(property.Value, actual.GetProperty(property.Name));
                break;
            case JsonValueKind.Number:
                Assert.Equal(expected.GetDouble(), actual.GetDouble(), Tolerance);
                break;
            default:
                Assert.Equal(expected.ToString(), actual.ToString());
                break;
        }
    }

    [GeneratedRegex(@"\[([^|\]]+)\|(\w+)\]")]
    private static partial Regex Mark();

    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _models = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            foreach (var model in (string[])["sentiment", "paraphrases"])
                TestModels.CopyFolderTo(model, _models.PathOf(model));
            Process = await _models.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _models.Dispose();
        }
    }
}
