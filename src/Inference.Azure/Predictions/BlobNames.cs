using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>The names of the blobs in the container of predictions.</summary>
public static class BlobNames
{
    private const string Extension = ".json";

    /// <summary>The folder of the records of jobs.</summary>
    public const string JobFolder = "jobs/";

    /// <summary>The folder of requests that are too large for a message.</summary>
    public const string RequestFolder = "requests/";

    /// <summary>Returns the name of the blob with the result of a prediction.</summary>
    public static string Result(PredictionId id) => $"{id}{Extension}";

    /// <summary>Returns the name of the blob with the record of a job.</summary>
    public static string Job(PredictionId id) => $"{JobFolder}{id}{Extension}";

    /// <summary>Returns the name of the blob with a request that is too large for a message.</summary>
    public static string Request(PredictionId id) => $"{RequestFolder}{id}{Extension}";

    /// <summary>Returns the id of the prediction in a request blob's name; null for a name of another form.</summary>
    public static PredictionId? ParseRequestId(string name) => FindId(RequestFolder, name);

    /// <summary>Returns the id of the job in a record blob's name; null for a name of another form.</summary>
    public static PredictionId? ParseJobId(string name) => FindId(JobFolder, name);

    /// <summary>Whether the name has a form that the app creates. The app ignores other blobs in the container.</summary>
    internal static bool IsCreatedByApp(string name)
    {
        var file = name.StartsWith(JobFolder, StringComparison.Ordinal) ? name[JobFolder.Length..]
            : name.StartsWith(RequestFolder, StringComparison.Ordinal) ? name[RequestFolder.Length..]
            : name;
        return file.EndsWith(Extension, StringComparison.Ordinal) && PredictionId.TryParse(file[..^Extension.Length], out _);
    }

    private static PredictionId? FindId(string folder, string name) =>
        name.StartsWith(folder, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
        && name.Length >= folder.Length + Extension.Length
        && PredictionId.TryParse(name[folder.Length..^Extension.Length], out var id)
            ? id
            : null;
}
