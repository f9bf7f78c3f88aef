using System.Collections.Immutable;

namespace Inference.Models.Settings.Remote;

/// <summary>The server that has a model which is not served from a file.</summary>
public sealed record RemoteSettings
{
    public const int DefaultConcurrency = 16;
    public const int MaxConcurrency = 1024;
    public const int MaxResponseBytesLimit = 1 << 30;
    public const int DefaultMaxResponseBytes = 100 * 1024 * 1024;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    public required RemoteKind Kind { get; init; }

    /// <summary>
    /// http or https, without user, query and fragment: the server's root, or for <see cref="RemoteKind.Json"/> the address of the call.
    /// </summary>
    public required Uri Url { get; init; }

    /// <summary>The model's name there.</summary>
    /// <value>Default: null, the same as here.</value>
    public string? Model { get; init; }

    /// <summary>The model's version there.</summary>
    /// <value>Default: null, that server's choice.</value>
    public string? Version { get; init; }

    /// <summary>Headers of every call, none of which is secret.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The name, without its prefix, of the server's setting that holds the key for that server.</summary>
    /// <value>Default: null, no key.</value>
    public string? KeySetting { get; init; }

    /// <summary>The header that the key goes into.</summary>
    /// <value>Default: null, <c>Authorization: Bearer &lt;key&gt;</c>.</value>
    public string? KeyHeader { get; init; }

    /// <summary>The most time for one call.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Calls at once.</summary>
    public int Concurrency { get; init; } = DefaultConcurrency;

    /// <summary>Bytes of one answer.</summary>
    public int MaxResponseBytes { get; init; } = DefaultMaxResponseBytes;

    /// <summary>The request and response of a <see cref="RemoteKind.Json"/> service; null for the other kinds.</summary>
    public JsonServiceSettings? Json { get; init; }
}
