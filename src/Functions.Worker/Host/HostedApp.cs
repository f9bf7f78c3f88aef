using Microsoft.Extensions.Hosting;

namespace Functions.Worker.Host;

/// <summary>The running app, as the handlers of the host's messages need it.</summary>
internal sealed record HostedApp(Uri HttpUri, InvocationRunner Runner, IHostApplicationLifetime Lifetime);
