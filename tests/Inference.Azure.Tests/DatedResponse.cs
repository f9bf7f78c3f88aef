using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Azure;
using Azure.Core;

namespace Inference.Azure.Tests;

/// <summary>A response of a service whose clock is ahead.</summary>
internal sealed class DatedResponse(Response response, TimeSpan ahead) : Response
{
    private const string Date = "Date";

    public override int Status => response.Status;

    public override string ReasonPhrase => response.ReasonPhrase;

    public override bool IsError => response.IsError;

    public override Stream? ContentStream
    {
        get => response.ContentStream;
        set => response.ContentStream = value;
    }

    public override string ClientRequestId
    {
        get => response.ClientRequestId;
        set => response.ClientRequestId = value;
    }

    public override void Dispose() => response.Dispose();

    protected override bool ContainsHeader(string name) => response.Headers.Contains(name);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => response.Headers;

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        if (!response.Headers.TryGetValue(name, out value))
            return false;
        if (name.Equals(Date, StringComparison.OrdinalIgnoreCase))
            value = (response.Headers.Date!.Value + ahead).ToString("R", CultureInfo.InvariantCulture);
        return true;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values) =>
        response.Headers.TryGetValues(name, out values);
}
