namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>Compares labels by names and values, in their order.</summary>
internal sealed class LabelComparer : IEqualityComparer<KeyValuePair<string, object?>[]>
{
    public bool Equals(KeyValuePair<string, object?>[]? x, KeyValuePair<string, object?>[]? y)
    {
        if (x!.Length != y!.Length)
            return false;
        for (var i = 0; i < x.Length; i++)
        {
            if (!string.Equals(x[i].Key, y[i].Key, StringComparison.Ordinal) || !Equals(x[i].Value, y[i].Value))
                return false;
        }

        return true;
    }

    /// <summary>Hashes only the values, because nearly all series have the same names.</summary>
    public int GetHashCode(KeyValuePair<string, object?>[] obj)
    {
        var hash = 0;
        foreach (var label in obj)
            hash = (hash * 31) + (label.Value?.GetHashCode() ?? 0);
        return hash;
    }
}
