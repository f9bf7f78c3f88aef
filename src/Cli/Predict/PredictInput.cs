using System.Text;
using System.Text.Json;
using Cli.Server;

namespace Cli.Predict;

/// <summary>The input of a prediction: either one complete request, or items that are divided among requests.</summary>
/// <param name="Body">The body of the complete request; empty when there are only items.</param>
/// <param name="MediaType">The media type of the body.</param>
internal sealed record PredictInput(byte[] Body, string MediaType)
{
    private const string Json = "application/json";
    private const string Features = "features";
    private const string Text = "text";

    /// <summary>The text of a CSV file; null for every other input.</summary>
    public string? Csv { get; private init; }

    /// <summary>Whether the first line of a CSV file has names; null to infer this from its cells.</summary>
    public bool? HasHeader { get; private init; }

    /// <summary>The name of the source, for messages.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Whether the input consists of texts, which only models with a text task accept.</summary>
    public bool IsText => Key == Text;

    /// <summary>The items, each a JSON value; null for a complete request.</summary>
    /// <exception cref="CliException">The CSV file has a cell that is not a number, rows of different lengths, or no rows.</exception>
    public IReadOnlyList<InputItem>? Items
    {
        get => field ??= FixedItems ?? (Csv is null ? null : CsvFile.ReadItems(Csv, Name, HasHeader, IsScalar));
    }

    /// <summary>The member of a request's body that contains the items: <c>features</c> or <c>text</c>.</summary>
    private string Key { get; init; } = Features;

    /// <summary>Whether the only input of the model has one dimension, so that an item is a single value.</summary>
    private bool IsScalar { get; init; }

    /// <summary>The items of an NPY file, or the texts of a CSV file; null for every other input.</summary>
    private IReadOnlyList<InputItem>? FixedItems { get; init; }

    /// <summary>Reads JSON: an object is a whole request, and any other JSON is the value of the model's only input.</summary>
    /// <exception cref="CliException">The text is not JSON.</exception>
    public static PredictInput FromData(string data) => FromJson(Encoding.UTF8.GetBytes(data), "--data");

    /// <summary>Returns a JSON object as it is. Any other JSON value becomes a request with the value of the model's only input.</summary>
    /// <param name="name">The option or file with the JSON, for messages.</param>
    /// <exception cref="CliException">The text is not JSON.</exception>
    public static byte[] ToRequest(byte[] json, string name) =>
        CommandJson.Parse(json, name).ValueKind == JsonValueKind.Object ? json : [.. "{\"features\":"u8, .. json, (byte)'}'];

    /// <summary>Creates one request with all texts.</summary>
    public static PredictInput FromTexts(string[] texts)
    {
        var value = texts.Length == 1 ? ToJsonString(texts[0]) : $"[{string.Join(',', texts.Select(ToJsonString))}]";
        return new PredictInput(CreateJsonBody(Text, value), Json) { Key = Text };
    }

    /// <summary>Reads a file, or stdin for "-".</summary>
    /// <param name="column">The column of a CSV file with the texts; null to choose the column in <see cref="ForModelAsync"/>.</param>
    /// <param name="hasHeader">Whether the first line of a CSV file has names; null to infer this from its cells.</param>
    /// <exception cref="CliException">The file cannot be read, or does not have the column.</exception>
    public static async Task<PredictInput> FromFileAsync(
        string file, string? column, bool? hasHeader, CancellationToken cancellationToken)
    {
        var input = FromContent(await LoadAsync(file, cancellationToken), file) with { HasHeader = hasHeader };
        return column is null ? input
            : input.Csv is null ? throw CliException.CreateUsageError($"--column is for a CSV file, and {file} is not one.")
            : input.WithTexts(TextColumn.Read(input, column));
    }

    /// <summary>
    /// Returns the input for a model. The rows of a CSV file become texts when the model accepts texts, and single values when its input
    /// has one dimension. Every other input is returned as it is.
    /// </summary>
    /// <exception cref="CliException">
    /// The server refuses the request for the model's description, or the column with the texts is ambiguous or cannot be read.
    /// </exception>
    public async Task<PredictInput> ForModelAsync(ModelInfo model, CancellationToken cancellationToken)
    {
        if (Csv is null || IsText)
            return this;
        var description = await model.DescribeAsync(cancellationToken);
        return ServerResponse.Read(() => AcceptsTexts(description)) && TextColumn.TryRead(this) is { } texts
            ? WithTexts(texts)
            : this with { IsScalar = ServerResponse.Read(() => HasScalarItems(description)) };
    }

    private static bool AcceptsTexts(JsonElement description) =>
        description.TryGetProperty("takes", out var accepted) && accepted.EnumerateArray().Any(kind => kind.ValueEquals("text"u8));

    private static bool HasScalarItems(JsonElement description) =>
        description.TryGetProperty("inputs", out var inputs) && inputs.EnumerateArray().ToList() is [var input]
            && input.GetProperty("shape").GetArrayLength() == 1 && !input.TryGetProperty("anyShape", out _);

    /// <summary>Creates one JSON body with the whole input.</summary>
    /// <exception cref="CliException">The input is an image.</exception>
    public byte[] ToSingleBody() => Items is not null ? Encode(Items)
        : MediaType == Json ? Body
        : throw CliException.CreateUsageError("An image needs a request of its own: use inferctl predict.");

    /// <summary>Creates the body of a request for some of the items.</summary>
    public byte[] Encode(IEnumerable<InputItem> items) => CreateJsonBody(Key, $"[{string.Join(',', items.Select(item => item.Json))}]");

    /// <summary>Returns a text as a JSON string.</summary>
    public static string ToJsonString(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private PredictInput WithTexts(IReadOnlyList<InputItem> texts) => this with { Key = Text, FixedItems = texts };

    /// <summary>Detects the format by the content, because a file's name can be wrong and stdin has none.</summary>
    private static PredictInput FromContent(byte[] content, string name) => content switch
    {
        [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] =>
            new PredictInput([], Json)
            {
                FixedItems = [.. NpyFile.ReadItems(content, name).Select(item => new InputItem(item, 0))],
                Name = name,
            },
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => new PredictInput(content, "image/png"),
        [0xff, 0xd8, 0xff, ..] => new PredictInput(content, "image/jpeg"),
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
            new PredictInput(content, "image/webp"),
        _ when IsJson(content.AsSpan().TrimStart(Encoding.UTF8.Preamble)) =>
            FromJson([.. content.AsSpan().TrimStart(Encoding.UTF8.Preamble)], name),
        _ => FromText(CsvText.Decode(content, name), name),
    };

    /// <summary>Reads a decoded text: JSON in UTF-16, or CSV.</summary>
    private static PredictInput FromText(string text, string name) => text.AsSpan().TrimStart() is ['{' or '[', ..]
        ? FromJson(Encoding.UTF8.GetBytes(text), name)
        : new PredictInput([], Json) { Csv = text, Name = name };

    private static bool IsJson(ReadOnlySpan<byte> content) => content.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

    private static PredictInput FromJson(byte[] json, string name) => new(ToRequest(json, name), Json);

    private static byte[] CreateJsonBody(string key, string value) => Encoding.UTF8.GetBytes($"{{\"{key}\":{value}}}");

    private static async Task<byte[]> LoadAsync(string file, CancellationToken cancellationToken)
    {
        if (file != "-")
            return await CommandFile.ReadAsync(file, InputOptions.FileOptionName, cancellationToken);
        using var content = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(content, cancellationToken);
        return content.ToArray();
    }
}
