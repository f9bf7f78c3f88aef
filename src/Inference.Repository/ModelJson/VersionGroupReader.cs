using System.Collections.Immutable;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>Reads the group <c>versions</c> of <c>model.json</c>.</summary>
internal sealed class VersionGroupReader(SettingsValues values)
{
    private const string VersionForm = "a version number or the name of a label";

    public VersionSettings Read(LocatedJson group) => new()
    {
        Serve = ReadPolicy(group.Find("serve")),
        Labels = ReadLabels(group.Find("labels")),
        Traffic = [.. values.Items(group.Find("traffic"), "an array of versions and percentages").Select(ReadShare).OfType<TrafficShare>()],
        Shadow = group.Find("shadow") is { } shadow ? ReadVersion(shadow) : null,
    };

    private VersionPolicy ReadPolicy(LocatedJson? value)
    {
        const string Form = "\"all\", {\"latest\": 2} or {\"specific\": [1, 3]}";
        if (value is null or { Kind: JsonTokenType.String, Text: "all" })
            return VersionPolicy.All;
        if (value.Kind != JsonTokenType.StartObject)
        {
            values.Refuse(value, $"This is not {Form}.");
            return VersionPolicy.All;
        }

        values.IsObject(value, SettingsKeys.Serve);
        var count = values.Integer(value.Find("latest"), 1, VersionPolicy.MaxLatest);
        var numbers = values.DistinctIntegers(value.Find("specific"), "an array of version numbers", long.MaxValue);
        if (value.Find("latest") is null == value.Find("specific") is null)
            values.Refuse(value, $"This has to be one of {Form}.");
        return count is not null ? VersionPolicy.Latest((int)count) : numbers.IsEmpty ? VersionPolicy.All : VersionPolicy.Specific(numbers);
    }

    private ImmutableSortedDictionary<string, long> ReadLabels(LocatedJson? value)
    {
        var labels = VersionSettings.NoLabels.ToBuilder();
        if (value is not null and not { Kind: JsonTokenType.StartObject })
            values.Unexpected(value, "an object of labels and version numbers");
        foreach (var label in value?.Children.Where(child => child.Key is not null) ?? [])
        {
            if (!VersionRef.IsLabel(label.Key))
                RefuseLabel(label, label.Key!);
            else if (values.Integer(label, 1, long.MaxValue) is { } version)
                labels.Add(label.Key!, version);
        }

        return labels.ToImmutable();
    }

    private TrafficShare? ReadShare(LocatedJson value)
    {
        if (!values.IsObject(value, SettingsKeys.Traffic))
            return null;
        var version = values.Required(value, "version") is { } target ? ReadVersion(target) : null;
        var percent = values.Integer(values.Required(value, "percent"), 0, 100);
        return version is null || percent is null ? null : new TrafficShare(version.Value, (int)percent);
    }

    private VersionRef? ReadVersion(LocatedJson value)
    {
        if (value.Kind == JsonTokenType.Number)
            return values.Integer(value, 1, long.MaxValue) is { } number ? new VersionRef(number) : null;
        if (values.String(value, VersionForm) is not { } label)
            return null;
        if (VersionRef.IsLabel(label))
            return new VersionRef(label);
        RefuseLabel(value, label);
        return null;
    }

    private void RefuseLabel(LocatedJson value, string label) => values.Refuse(value,
        $"{Wording.Quote(label)} is not a label: 1 to {ModelName.MaxLength} of A-Z a-z 0-9 . _ - with a letter or digit first, and not digits only"
        + " (a version number stands without quotes).");
}
