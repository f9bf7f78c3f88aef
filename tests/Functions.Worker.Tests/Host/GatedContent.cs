using System.Net;
using System.Text;

namespace Functions.Worker.Tests.Host;

/// <summary>A chunked body that is sent when the test finishes it.</summary>
internal sealed class GatedContent : HttpContent
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _text = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Started => _started.Task;

    public void Finish(string text) => _text.SetResult(text);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        _started.SetResult();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(await _text.Task));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
