using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>Reads the group <c>remote</c> of <c>model.json</c>.</summary>
internal sealed partial class RemoteGroupReader(SettingsValues values, ReadOnlyMemory<byte> json)
{
    /// <summary>As the schema has it: nothing that could be a password, nor what a path is not appended to.</summary>
    public const string UrlPattern = @"https?://[^\s/?#@]+(/[^\s?#]*)?";

    /// <summary>What a header's name is (RFC 9110), and what may stand in its value without being taken for more than one.</summary>
    public const string HeaderPattern = "[A-Za-z0-9-]{1,64}";
    public const string HeaderValuePattern = "[ -~]{0,1024}";
    public const string NamePattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";

    private static readonly (string Name, RemoteKind Kind)[] Kinds =
    [
        ("open-inference", RemoteKind.OpenInference), ("open-inference-grpc", RemoteKind.OpenInferenceGrpc),
        ("tensorflow-serving", RemoteKind.TensorFlowServing), ("json", RemoteKind.Json),
    ];

    private readonly JsonServiceReader _service = new(values, json);

    public RemoteSettings? Read(LocatedJson group)
    {
        var kind = ReadKind(values.Required(group, "kind"));
        var url = ReadUrl(values.Required(group, "url"));
        var model = Matching(group.Find("model"), NameRegex(), "a name of A-Z a-z 0-9 . _ -");
        var version = Matching(group.Find("version"), NameRegex(), "a version in quotes");
        var keySetting = Matching(group.Find("keySetting"), NameRegex(), "the name of a setting");
        var keyHeader = Matching(group.Find("keyHeader"), HeaderRegex(), "the name of a header");
        var service = ReadService(group, kind);
        if (keyHeader is not null && group.Find("keySetting") is null)
            values.Refuse(group.Find("keyHeader")!, "There is no \"keySetting\" to go into it.");
        var read = new RemoteSettings
        {
            Kind = kind ?? default,
            Url = url ?? new Uri("http://localhost"),
            Model = model,
            Version = version,
            Headers = ReadHeaders(group.Find("headers")),
            KeySetting = keySetting,
            KeyHeader = keyHeader,
            Timeout = values.Duration(group.Find("timeout"), RemoteSettings.MinTimeout, RemoteSettings.MaxTimeout) ?? RemoteSettings.DefaultTimeout,
            Concurrency = (int?)values.Integer(group.Find("concurrency"), 1, RemoteSettings.MaxConcurrency) ?? RemoteSettings.DefaultConcurrency,
            MaxResponseBytes = (int?)values.Integer(group.Find("maxResponseBytes"), 1, RemoteSettings.MaxResponseBytesLimit) ?? RemoteSettings.DefaultMaxResponseBytes,
            Json = service,
        };
        return kind is null || url is null ? null : read;
    }

    private RemoteKind? ReadKind(LocatedJson? value)
    {
        var names = string.Join(", ", Kinds.Select(kind => $"\"{kind.Name}\""));
        if (values.String(value, $"one of {names}") is not { } text)
            return null;
        foreach (var (name, kind) in Kinds)
        {
            if (name == text)
                return kind;
        }

        values.Refuse(value!, $"{Wording.Quote(text)} is not one of {names}.{Wording.Suggest(text, [.. Kinds.Select(kind => kind.Name)])}");
        return null;
    }

    private Uri? ReadUrl(LocatedJson? value)
    {
        const string Form = "an address such as \"http://models:8000\": http or https, without user, query and fragment";
        var text = Matching(value, UrlRegex(), Form);
        if (text is null || Uri.TryCreate(text, UriKind.Absolute, out var url))
            return text is null ? null : new Uri(text);
        values.Refuse(value!, $"{Wording.Quote(text)} is not {Form}.");
        return null;
    }

    private ImmutableSortedDictionary<string, string> ReadHeaders(LocatedJson? value)
    {
        var headers = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.OrdinalIgnoreCase);
        if (value is not null and not { Kind: JsonTokenType.StartObject })
            values.Unexpected(value, "an object of names and values");
        foreach (var header in value?.Children.Where(child => child.Key is not null) ?? [])
        {
            if (!HeaderRegex().IsMatch(header.Key!))
                values.Refuse(header, $"{Wording.Quote(header.Key!)} is not the name of a header.");
            else if (Matching(header, HeaderValueRegex(), "text of printable ASCII characters") is { } text)
                headers[header.Key!] = text;
        }

        return headers.ToImmutable();
    }

    private JsonServiceSettings? ReadService(LocatedJson group, RemoteKind? kind)
    {
        if (kind == RemoteKind.Json)
        {
            foreach (var value in new[] { group.Find("model"), group.Find("version") }.OfType<LocatedJson>())
                values.Refuse(value, "A JSON service has no such thing: \"url\" is the whole address.");
            return values.Required(group, "json") is { } service && values.IsObject(service, SettingsKeys.JsonService) ? _service.Read(service) : null;
        }

        if (group.Find("json") is { } unused && kind is not null)
            values.Refuse(unused, "Only the kind \"json\" has it.");
        return null;
    }

    private string? Matching(LocatedJson? value, Regex pattern, string expected)
    {
        if (values.String(value, expected) is not { } text || pattern.IsMatch(text))
            return value is { Kind: JsonTokenType.String } ? value.Text : null;
        values.Refuse(value!, $"{Wording.Quote(text)} is not {expected}.");
        return null;
    }

    [GeneratedRegex(@"\A" + UrlPattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex UrlRegex();

    [GeneratedRegex(@"\A" + HeaderPattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderRegex();

    [GeneratedRegex(@"\A" + HeaderValuePattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderValueRegex();

    [GeneratedRegex(@"\A" + NamePattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameRegex();
}
