using System.Globalization;
using System.Text.Json;
using Cli.Models;
using Cli.Server;
using Inference;

namespace Cli.Doctor;

/// <summary>Checks the models that a server lists, with their versions and states.</summary>
/// <param name="findings">Receives the findings.</param>
/// <param name="store">The store of the server, for advice; null when the store is not known.</param>
/// <param name="storeName">The name of the store, for advice.</param>
internal sealed class ModelChecks(List<DoctorFinding> findings, StoreContent? store, string storeName)
{
    private bool _isStoreUsable;

    /// <summary>The versions that the server lists, as <c>model/version</c>.</summary>
    public HashSet<string> Listed { get; } = new(StringComparer.Ordinal);

    /// <summary>The listed versions that the server has not loaded yet.</summary>
    public HashSet<string> Available { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the server can read its store: no version has failed because of the store, or a version is available.</summary>
    public static bool IsStoreUsable(JsonElement models)
    {
        List<JsonElement> versions = [.. models.EnumerateArray().SelectMany(model => model.GetProperty("versions").EnumerateArray())];
        return !versions.Exists(version => FindCause(version) == "store")
            || versions.Exists(version => version.GetProperty("state").ToString() == "available");
    }

    /// <param name="models">The models in the server's response.</param>
    public void Run(JsonElement models)
    {
        _isStoreUsable = IsStoreUsable(models);
        if (models.GetArrayLength() == 0)
        {
            Add("models", FindingSeverity.Error, "The server has no models.",
                $"Put a model at <model>/1/model.onnx in {storeName}, or use "
                + $"{store?.PushCommand ?? "inferctl models push <source> <name> --store <root>"}.");
        }
        else
        {
            Add("models", FindingSeverity.Ok, DescribeModels(models));
        }

        foreach (var model in models.EnumerateArray())
            CheckModel(model.GetProperty("name").ToString(), model);
    }

    private void CheckModel(string name, JsonElement model)
    {
        var versions = model.GetProperty("versions");
        foreach (var version in versions.EnumerateArray())
            CheckVersion(name, version);
        if (model.TryGetProperty("reason", out var reason))
            Add(name, FindingSeverity.Error, $"{reason}", $"Correct this in {storeName}.");
        var hasDefault = versions.EnumerateArray().Any(version => version.TryGetProperty("default", out _));
        foreach (var warning in ModelWarning.ReadAll(model))
            findings.Add(DoctorFinding.ForWarning(name, hasDefault, warning));
    }

    private void CheckVersion(string model, JsonElement version)
    {
        var number = version.GetProperty("version").ToString();
        var id = $"{model}/{number}";
        Listed.Add(id);
        var state = version.GetProperty("state").ToString();
        if (state == "available")
            Available.Add(id);
        var reason = version.TryGetProperty("reason", out var text) ? text.ToString() : null;
        var cause = FindCause(version);
        if (reason is not null && cause is "settings" or "store")
        {
            AddSharedFailure(model, reason, isStoreFailure: cause == "store");
            return;
        }

        var (severity, fix) = (state, reason) switch
        {
            ("failed", _) => (FindingSeverity.Error, DescribeFix(model, number, cause)),
            (_, null) or ("notServed", _) => (FindingSeverity.Ok, null),
            _ => (FindingSeverity.Warning,
                "If the reason names a problem, correct it. Until then, the server does not update the version."),
        };
        Add(id, severity, Describe(state, reason), fix);
        if (version.TryGetProperty("batching", out var batching) && BatchingText.Describe(batching) is { } sharing)
            Add($"{id} batching", FindingSeverity.Ok, sharing);
    }

    /// <summary>Adds a failure of the model's settings or of the store once, although the server reports it for each version.</summary>
    private void AddSharedFailure(string model, string reason, bool isStoreFailure)
    {
        // If the store is usable, the failure is about the files of this model only.
        var finding = isStoreFailure
            ? new DoctorFinding(
                _isStoreUsable ? model : "store", FindingSeverity.Error, reason, "Correct the problem. No version has to be removed.")
            : new DoctorFinding(model, FindingSeverity.Error, reason, $"Correct this in {storeName}.");
        if (!findings.Contains(finding))
            findings.Add(finding);
    }

    private string DescribeFix(string model, string version, string? cause) =>
        cause != "files" ? "Correct the cause that the reason names."
        : store is not null && long.TryParse(version, CultureInfo.InvariantCulture, out var number) ? store.DescribeFix(model, number)
        : $"Correct the problem. To remove this version: delete the files of {model}/{version} in {storeName}";

    /// <summary>Returns the part to correct: <c>files</c>, <c>settings</c> or <c>store</c>; null when the server names none.</summary>
    private static string? FindCause(JsonElement version) => version.TryGetProperty("cause", out var cause) ? cause.ToString() : null;

    /// <summary>Describes the state of a version. A reason is a whole sentence.</summary>
    private static string Describe(string state, string? reason) => (state, reason) switch
    {
        ("failed", _) => reason ?? "It cannot be used.",
        ("notServed", _) => $"It is not served. {reason}".TrimEnd(),
        _ => $"It is {state}. {reason}".TrimEnd(),
    };

    /// <summary>Describes the listed models, as in "2 models with 3 versions: 1 available, 2 ready."</summary>
    private static string DescribeModels(JsonElement models)
    {
        List<string> states = [.. models.EnumerateArray().SelectMany(model => model.GetProperty("versions").EnumerateArray())
            .Select(version => version.GetProperty("state").ToString())];
        var counts = states.GroupBy(state => state).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}");
        var empty = models.EnumerateArray().Count(model => model.GetProperty("versions").GetArrayLength() == 0);
        return $"{Counted.Text(models.GetArrayLength(), "model")} with {Counted.Text(states.Count, "version")}"
            + $"{(states.Count > 0 ? ": " : "")}{string.Join(", ", counts)}."
            + (empty == 0 ? "" : $" {Counted.Text(empty, "model")} without a version that can be served.");
    }

    private void Add(string check, FindingSeverity severity, string message, string? fix = null) =>
        findings.Add(new DoctorFinding(check, severity, message, fix));
}
