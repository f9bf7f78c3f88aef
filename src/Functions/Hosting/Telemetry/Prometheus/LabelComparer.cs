namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>Compares two lists of labels by the names and values. Lists with the same labels in another order are different.</summary>
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

    /// <summary>Hashes only the values, because nearly all lists have the same label names.</summary>
    public int GetHashCode(KeyValuePair<string, object?>[] obj)
    {
        var hash = 0;
        foreach (var label in obj)
            hash = (hash * 31) + (label.Value?.GetHashCode() ?? 0);
        return hash;
    }
}
