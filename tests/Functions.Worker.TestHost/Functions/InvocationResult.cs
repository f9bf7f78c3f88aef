using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Functions;

namespace Functions.Worker.TestHost;

/// <summary>What became of one invocation.</summary>
public sealed class InvocationResult
{
    internal InvocationResult(InvocationResponse response)
    {
        Response = response;
        Outputs = response.OutputData.ToDictionary(output => output.Name, output => OutputMessages.Split(output.Data));
        if (response.ReturnValue is { } value)
            ReturnValue = OutputMessages.Split(value);
    }

    public InvocationResponse Response { get; }

    public string Id => Response.InvocationId;

    public bool Succeeded => Response.Result?.Status == StatusResult.Types.Status.Success;

    public RpcException? Exception => Response.Result?.Exception;

    /// <summary>What each output binding is given, an array being several messages.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Outputs { get; }

    /// <summary>The same for the binding called $return.</summary>
    public IReadOnlyList<string> ReturnValue { get; } = [];
}
