using System.Collections.Immutable;

namespace Inference.Models.Settings.Remote;

/// <summary>The remote server that runs a model without a local model file.</summary>
public sealed record RemoteSettings
{
    public const int DefaultConcurrency = 16;
    public const int MaxConcurrency = 1024;
    /// <summary>The largest value of <see cref="MaxResponseBytes"/>.</summary>
    public const int MaxResponseBytesLimit = 1 << 30;
    public const int DefaultMaxResponseBytes = 100 * 1024 * 1024;

    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    /// <summary>The protocol of the remote server.</summary>
    public required RemoteKind Kind { get; init; }

    /// <summary>
    /// The address, http or https, without user, query and fragment: the server's root, or for <see cref="RemoteKind.Json"/> the address of
    /// the call.
    /// </summary>
    public required Uri Url { get; init; }

    /// <summary>The model's name on the remote server.</summary>
    /// <value>Default: null, which means the same name as on this server.</value>
    public string? Model { get; init; }

    /// <summary>The model's version on the remote server.</summary>
    /// <value>Default: null, which means the remote server's choice.</value>
    public string? Version { get; init; }

    /// <summary>The headers of every call. The headers must not contain secrets.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>
    /// The <c>{name}</c> of this server's setting <c>Remote__Keys__{name}__Value</c>, which holds the key for the remote server.
    /// </summary>
    /// <value>Default: null, which means no key.</value>
    public string? KeySetting { get; init; }

    /// <summary>The header that contains the key.</summary>
    /// <value>Default: null, which means <c>Authorization: Bearer &lt;key&gt;</c>.</value>
    public string? KeyHeader { get; init; }

    /// <summary>The maximum time for one call.</summary>
    /// <value>Default: 30 seconds. <see cref="MinTimeout"/> to <see cref="MaxTimeout"/>.</value>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The maximum number of calls at the same time.</summary>
    /// <value>Default: 16. 1 to <see cref="MaxConcurrency"/>.</value>
    public int Concurrency { get; init; } = DefaultConcurrency;

    /// <summary>The maximum number of bytes of one response.</summary>
    /// <value>Default: 100 MiB. At most <see cref="MaxResponseBytesLimit"/>.</value>
    public int MaxResponseBytes { get; init; } = DefaultMaxResponseBytes;

    /// <summary>The request and response of a <see cref="RemoteKind.Json"/> service; null for the other kinds.</summary>
    public JsonServiceSettings? Json { get; init; }
}
