using System.Text;
using System.Text.Json;

namespace Cli.Predict;

/// <summary>
/// The input of predictions: one request that is sent unchanged, or the items of a file, which are sent in as many requests as needed.
/// </summary>
/// <param name="Body">The body of the only request; empty when there are items.</param>
/// <param name="MediaType">The media type of the body.</param>
/// <param name="Items">The items, each a JSON value; null for one request.</param>
internal sealed record RequestInput(byte[] Body, string MediaType, IReadOnlyList<string>? Items)
{
    private const string Json = "application/json";

    /// <summary>The text of a CSV file, which may be a <see cref="CsvTable"/> of the model's inputs; null for every other input.</summary>
    public string? Csv { get; private init; }

    /// <summary>Whether the first line of a CSV file has names; null to decide by its cells.</summary>
    public bool? HasHeader { get; private init; }

    /// <summary>The name of the source, for messages.</summary>
    public string Name { get; private init; } = "";

    public IReadOnlyList<string>? Items
    {
        get => field ??= Csv is null ? null : CsvFile.ReadItems(Csv, Name, HasHeader);
    } = Items;

    /// <summary>Reads <c>--data</c>, or else <c>--file</c>.</summary>
    /// <param name="hasHeader">Whether the first line of a CSV file has names; null to decide by its cells.</param>
    /// <exception cref="CliException">Neither or both are given, or the file cannot be read.</exception>
    public static async Task<RequestInput> ReadAsync(string? data, string? file, bool? hasHeader, CancellationToken cancellationToken)
    {
        if (data is null == file is null)
        {
            throw CliException.Usage(
                "Pass the input: either --data '[5.1,3.5,1.4,0.2]' or --file x.json|x.csv|x.npy|x.png|x.jpg|x.webp, or - for "
                + "stdin.");
        }

        return data is not null
            ? FromJson(Encoding.UTF8.GetBytes(data), "--data")
            : FromFile(await LoadAsync(file!, cancellationToken), file!, hasHeader);
    }

    /// <summary>Creates one JSON body with the whole input.</summary>
    /// <exception cref="CliException">The input is an image.</exception>
    public byte[] ToSingleBody() => Items is not null ? Encode(Items)
        : MediaType == Json ? Body
        : throw CliException.Usage("An image needs a request of its own: use inferctl predict.");

    /// <summary>Creates the body of a request for some of the items.</summary>
    public static byte[] Encode(IEnumerable<string> items) => Encoding.UTF8.GetBytes($"{{\"features\":[{string.Join(',', items)}]}}");

    /// <summary>Detects the format by the content, because a file's name can be wrong and stdin has none.</summary>
    private static RequestInput FromFile(byte[] content, string name, bool? hasHeader) => content switch
    {
        [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] => new RequestInput([], Json, NpyFile.ReadItems(content, name)),
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => new RequestInput(content, "image/png", null),
        [0xff, 0xd8, 0xff, ..] => new RequestInput(content, "image/jpeg", null),
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
            new RequestInput(content, "image/webp", null),
        _ when IsJson(content.AsSpan().TrimStart(Encoding.UTF8.Preamble)) =>
            FromJson([.. content.AsSpan().TrimStart(Encoding.UTF8.Preamble)], name),
        _ => new RequestInput([], Json, null) { Csv = CsvText.Decode(content, name), HasHeader = hasHeader, Name = name },
    };

    private static bool IsJson(ReadOnlySpan<byte> content) => content.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

    /// <summary>Reads JSON. An object is already a request; any other value is the value of the model's only input.</summary>
    private static RequestInput FromJson(byte[] json, string name)
    {
        try
        {
            var value = JsonElement.Parse(json);
            return new RequestInput(
                value.ValueKind == JsonValueKind.Object ? json : [.. "{\"features\":"u8, .. json, (byte)'}'], Json, null);
        }
        catch (JsonException e)
        {
            throw new CliException($"{name} is not JSON: {e.Message}", cause: e);
        }
    }

    private static async Task<byte[]> LoadAsync(string file, CancellationToken cancellationToken)
    {
        if (file != "-")
        {
            return File.Exists(file)
                ? await File.ReadAllBytesAsync(file, cancellationToken)
                : throw CliException.Usage($"\"{file}\" does not exist.");
        }

        using var content = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(content, cancellationToken);
        return content.ToArray();
    }
}
