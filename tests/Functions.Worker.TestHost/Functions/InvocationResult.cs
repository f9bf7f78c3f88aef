using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Functions;

namespace Functions.Worker.TestHost;

/// <summary>The result of one invocation.</summary>
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

    /// <summary>The messages of each output binding, by the binding's name. A JSON array becomes several messages.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Outputs { get; }

    /// <summary>The messages of the binding <c>$return</c>.</summary>
    public IReadOnlyList<string> ReturnValue { get; } = [];
}
