using Microsoft.Extensions.Hosting;

namespace Functions.Worker.Host;

/// <summary>The parts of the running app that the handlers of the host's messages use.</summary>
internal sealed record HostedApp(Uri HttpUri, InvocationRunner Runner, IHostApplicationLifetime Lifetime);
