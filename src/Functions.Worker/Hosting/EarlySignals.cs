using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Functions.Worker.Hosting;

/// <summary>
/// Handles SIGTERM and SIGINT from the start of the process. By default, a signal would end the process with the exit code of a failure.
/// Until the app's host exists, no work has to be finished, so a signal ends the process with exit code 0. Later, a signal stops that host.
/// </summary>
internal sealed partial class EarlySignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private volatile IHostApplicationLifetime? _lifetime;

    public EarlySignals() => _registrations =
        [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle), PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle)];

    /// <summary>Lets signals stop the host. The host keeps this object alive and disposes it after the stop.</summary>
    public void HandOver(IHostApplicationLifetime lifetime)
    {
        _lifetime = lifetime;
        lifetime.ApplicationStopped.UnsafeRegister(static signals => ((EarlySignals)signals!).Dispose(), this);
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_lifetime is { } lifetime)
            lifetime.StopApplication();
        else
            EndProcess();
    }

    /// <summary>
    /// Ends the process. On Unix no exit handlers run, because they could fail while another thread is still loading native libraries.
    /// </summary>
    private static void EndProcess()
    {
        if (OperatingSystem.IsWindows())
            Environment.Exit(0);
        ExitNow(0);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
