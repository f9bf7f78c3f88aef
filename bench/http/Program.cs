// Measures the bytes that the whole server allocates per request. The app runs in this process on its own pipeline. One raw connection,
// which allocates nothing itself, sends the same prediction repeatedly.
using System.Net.Sockets;
using System.Text;
using Functions.Predictions;

const int Port = 7099;
const int Warmup = 20_000;
var requests = args is [var count, ..] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 100_000;
var server = new Thread(() =>
    typeof(InferenceHandlers).Assembly.EntryPoint!.Invoke(null, [(string[])["--urls", $"http://127.0.0.1:{Port}"]]))
{ IsBackground = true };
server.Start();

var features = string.Join(',', Enumerable.Range(0, 64).Select(pixel => pixel * 7 % 17));
var body = $"{{\"features\":[{features}]}}";
var request = Encoding.ASCII.GetBytes(
    $"POST /models/digits/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
    + $"application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
var answer = new byte[16 * 1024];
using var socket = Connect();

for (var i = 0; i < Warmup; i++)
    Exchange();
var before = GC.GetTotalAllocatedBytes(precise: true);
var clock = System.Diagnostics.Stopwatch.StartNew();
for (var i = 0; i < requests; i++)
    Exchange();
var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
Console.WriteLine(
    $"{(double)allocated / requests:F0} bytes a request, {requests / clock.Elapsed.TotalSeconds:F0} requests a second on one connection");

static Socket Connect()
{
    for (; ; )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect("127.0.0.1", Port);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            Thread.Sleep(50);
        }
    }
}

// The response is complete when it ends with the last braces of the JSON. It arrives in one or two pieces.
void Exchange()
{
    socket.Send(request);
    var length = 0;
    do
        length += socket.Receive(answer.AsSpan(length));
    while (!answer.AsSpan(0, length).EndsWith("]]}"u8));
    if (!answer.AsSpan().StartsWith("HTTP/1.1 200"u8))
        throw new InvalidOperationException(Encoding.ASCII.GetString(answer, 0, length));
}
