using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Functions.Worker.Hosting.Descriptors;

/// <summary>Creates listeners that accept no connection while the process has no free file descriptor.</summary>
/// <param name="inner">Creates the listeners that accept connections.</param>
internal sealed class PausingListenerFactory(IConnectionListenerFactory inner, FileDescriptorMonitor monitor) : IConnectionListenerFactory
{
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await inner.BindAsync(endpoint, cancellationToken).ConfigureAwait(false), monitor);

    private sealed class Listener(IConnectionListener inner, FileDescriptorMonitor monitor) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => inner.EndPoint;

        /// <summary>
        /// Accepts a connection; returns null after the listener was unbound. The token is ignored, because Kestrel unbinds the listener to
        /// end a pending call of this method.
        /// </summary>
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                var exhausted = CancellationToken.None;
                try
                {
                    exhausted = await monitor.WaitAsync(_unbound.Token).ConfigureAwait(false);
                    return await inner.AcceptAsync(exhausted).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (_unbound.IsCancellationRequested)
                {
                    return null;
                }
                catch (OperationCanceledException) when (exhausted.IsCancellationRequested)
                {
                    // The loop continues: its next step waits until a descriptor is free again.
                }
            }
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync().ConfigureAwait(false);
            await inner.UnbindAsync(cancellationToken).ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            await _unbound.CancelAsync().ConfigureAwait(false);
            await inner.DisposeAsync().ConfigureAwait(false);
        }
    }
}
