namespace Inference.Remote.Access;

/// <summary>A secret for one server. It is sent to no other server, whatever the settings of a model say.</summary>
/// <param name="Value">The secret, in printable ASCII.</param>
/// <param name="Origin">The only server that receives the secret.</param>
public sealed record RemoteKey(string Value, RemoteOrigin Origin)
{
    public override string ToString() => $"a key for {Origin}";
}
