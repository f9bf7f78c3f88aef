using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Functions;
using Functions.Worker.TestHost.Http;
using Functions.Worker.TestHost.Streaming;
using Functions.Worker.TestHost.Workers;

namespace Functions.Worker.TestHost;

/// <summary>
/// A Functions host for tests: it starts a worker, speaks the host's protocol with it, and serves its functions. What the worker
/// does against the protocol is collected, and disposing throws it.
/// </summary>
public sealed partial class FunctionsHostDouble : IAsyncDisposable
{
    /// <summary>A field number that the protocol does not have, with a message in it.</summary>
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

    /// <summary>Speaks to the host, as any client.</summary>
    public HttpClient Client { get; } = new();

    /// <summary>The worker's own address, which only the host should use.</summary>
    public Uri WorkerAddress => new(Capabilities["HttpUri"]);

    public IReadOnlyDictionary<string, string> Capabilities => Calls.Capabilities;

    public IReadOnlyList<HostFunction> Functions { get; private set; } = [];

    public StartTimes Times => _channel.Times;

    public string RoutePrefix => _app.RoutePrefix;

    /// <summary>What the worker wrote to its console.</summary>
    public string Output => _channel.Output;

    /// <summary>The processor time that the worker has used.</summary>
    public TimeSpan WorkerProcessorTime => _channel.ProcessorTime;

    /// <summary>The worker's exit code, when it has ended.</summary>
    public Task<int> WorkerExited => _channel.Exited;

    public IReadOnlyList<PoisonMessage> PoisonMessages => _poison;

    /// <summary>The worker's lines for the host's own log.</summary>
    public IReadOnlyCollection<RpcLog> SystemLogs => Stream.Logs.System;

    /// <summary>How many lines belonged to no running invocation, and were lost.</summary>
    public int DroppedLogs => Stream.Logs.Dropped;

    public HostFunction Function(string name) => Functions.Single(function => function.Name == name);

    /// <summary>The lines of one invocation, in their order, when it has been answered; its client may have its response before.</summary>
    public async Task<IReadOnlyCollection<RpcLog>> LogsOfAsync(string invocationId)
    {
        var invocation = Stream.Invocations.Find(invocationId) ?? throw new ArgumentException($"There is no invocation {invocationId}.");
        await Calls.FinishAsync(invocation);
        return invocation.Logs;
    }

    /// <summary>Completes when the worker has logged a line that contains the text, also one that the host would drop.</summary>
    public Task WaitForLogAsync(string text) => Stream.Logs.WaitForAsync(text, _options.Limits.Invocation, _options.Time);

    /// <summary>The id that the host gave to the invocation behind a response.</summary>
    public static string InvocationOf(HttpResponseMessage response) => response.Headers.GetValues(InvocationTransformer.Header).Single();

    public Task PingAsync() => Calls.PingAsync();

    public async Task<FunctionEnvironmentReloadResponse> ReloadEnvironmentAsync(params (string Name, string Value)[] variables)
    {
        var response = await Calls.ReloadAsync(_app.Folder, variables.ToDictionary(variable => variable.Name, variable => variable.Value));
        StatusCheck.Check("FunctionEnvironmentReloadResponse", response.Result, _violations);
        return response;
    }

    /// <summary>Sends a message of a kind that a later host may know, and this protocol does not.</summary>
    public void SendUnknownMessage() => Stream.SendBytes(UnknownContent);

    /// <summary>Sends a cancellation for an invocation that runs, or for one that never was.</summary>
    public void CancelInvocation(string invocationId) => Calls.Cancel(invocationId);

    /// <summary>Sends whatever the test makes up.</summary>
    public void Send(StreamingMessage message) => Stream.Send(message);

    /// <summary>Sends bytes that need not be a message.</summary>
    public void SendBytes(byte[] message) => Stream.SendBytes(message);

    /// <summary>What was found so far; it does not fail the test any more.</summary>
    public IReadOnlyList<string> TakeViolations() => _violations.Take();
}
