using Microsoft.Extensions.Hosting;

namespace Functions.Worker.Host;

/// <summary>The app once it runs, for the stream's messages.</summary>
internal sealed record HostedApp(Uri HttpUri, InvocationRunner Runner, IHostApplicationLifetime Lifetime);
