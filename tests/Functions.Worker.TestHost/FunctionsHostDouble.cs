using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Functions;
using Functions.Worker.TestHost.Http;
using Functions.Worker.TestHost.Streaming;
using Functions.Worker.TestHost.Workers;

namespace Functions.Worker.TestHost;

/// <summary>
/// A Functions host for tests. It starts a worker, speaks the host's protocol with it, and serves its functions. Violations of the protocol
/// are collected, and <see cref="DisposeAsync"/> throws them.
/// </summary>
public sealed partial class FunctionsHostDouble : IAsyncDisposable
{
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromMinutes(5);

    /// <summary>A serialized message whose only field has a number that the protocol does not have.</summary>
    private static readonly byte[] UnknownContent = [0xFA, 0x3E, 0x02, 0x08, 0x01];

    private readonly AppRoot _app;
    private readonly FunctionsHostOptions _options;
    private readonly ProtocolViolations _violations;
    private readonly List<PoisonMessage> _poison = [];
    private readonly BindingExpressions _expressions;
    private readonly Func<WorkerStart, IWorker> _startWorker;
    private readonly RestartBackOff _backOff;

    private WorkerChannel _channel;
    private HttpFrontEnd? _frontEnd;

    private FunctionsHostDouble(AppRoot app, Func<WorkerStart, IWorker> startWorker, FunctionsHostOptions options)
    {
        (_app, _startWorker, _options) = (app, startWorker, options);
        _violations = new ProtocolViolations();
        _expressions = new BindingExpressions(options.Settings);
        _backOff = new RestartBackOff(options.Time);
        _channel = new WorkerChannel(app, options, _violations);
    }

    private WorkerStream Stream => _channel.Stream;

    private WorkerCalls Calls => _channel.Calls;

    /// <summary>
    /// A client of the host. A request that expects "100 Continue" sends no body before the host's response, however late the response is.
    /// </summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { Expect100ContinueTimeout = ClientTimeout })
    {
        Timeout = ClientTimeout,
    };

    /// <summary>The worker's own address, which only the host should use.</summary>
    public Uri WorkerAddress => new(Capabilities["HttpUri"]);

    public IReadOnlyDictionary<string, string> Capabilities => Calls.Capabilities;

    public IReadOnlyList<HostFunction> Functions { get; private set; } = [];

    public StartTimes Times => _channel.Times;

    public string RoutePrefix => _app.RoutePrefix;

    /// <summary>The text that the worker wrote to its console.</summary>
    public string Output => _channel.Output;

    /// <summary>The processor time that the worker has used.</summary>
    public TimeSpan WorkerProcessorTime => _channel.ProcessorTime;

    /// <summary>Completes with the exit code when the worker has ended.</summary>
    public Task<int> WorkerExited => _channel.Exited;

    public IReadOnlyList<PoisonMessage> PoisonMessages => _poison;

    /// <summary>The worker's entries for the host's own log.</summary>
    public IReadOnlyCollection<RpcLog> SystemLogs => Stream.Logs.System;

    /// <summary>The number of log entries that the host would drop, because they belong to no running invocation.</summary>
    public int DroppedLogs => Stream.Logs.Dropped;

    public HostFunction Function(string name) => Functions.Single(function => function.Name == name);

    /// <summary>
    /// Returns the log entries of an invocation in order, once the worker has sent the InvocationResponse. The client may receive its HTTP
    /// response earlier.
    /// </summary>
    public async Task<IReadOnlyCollection<RpcLog>> LogsOfAsync(string invocationId)
    {
        var invocation = Stream.Invocations.Find(invocationId) ?? throw new ArgumentException($"There is no invocation {invocationId}.");
        await Calls.FinishAsync(invocation);
        return invocation.Logs;
    }

    /// <summary>Waits until the worker has logged an entry that contains the text. Entries that the host would drop count, too.</summary>
    public Task WaitForLogAsync(string text) => Stream.Logs.WaitForAsync(text, _options.Limits.Invocation, _options.Time);

    /// <summary>Returns the id of the invocation that a response belongs to.</summary>
    public static string InvocationOf(HttpResponseMessage response) => response.Headers.GetValues(InvocationTransformer.Header).Single();

    public Task PingAsync() => Calls.PingAsync();

    public async Task<FunctionEnvironmentReloadResponse> ReloadEnvironmentAsync(params (string Name, string Value)[] variables)
    {
        var response = await Calls.ReloadAsync(_app.Folder, variables.ToDictionary(variable => variable.Name, variable => variable.Value));
        StatusCheck.Check("FunctionEnvironmentReloadResponse", response.Result, _violations);
        return response;
    }

    /// <summary>Sends a message of a kind that this version of the protocol does not have.</summary>
    public void SendUnknownMessage() => Stream.SendBytes(UnknownContent);

    /// <summary>Sends a cancellation. The invocation may be running or may not exist.</summary>
    public void CancelInvocation(string invocationId) => Calls.Cancel(invocationId);

    /// <summary>Sends a message that the test has created.</summary>
    public void Send(StreamingMessage message) => Stream.Send(message);

    /// <summary>Sends bytes that need not be a message.</summary>
    public void SendBytes(byte[] message) => Stream.SendBytes(message);

    /// <summary>Returns and removes the violations that were found so far, so that they do not fail the test.</summary>
    public IReadOnlyList<string> TakeViolations() => _violations.Take();
}
