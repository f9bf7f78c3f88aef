namespace Inference.Remote.Access;

/// <summary>A secret for one server. The secret is sent to no other server, even if a model's settings name another server.</summary>
/// <param name="Value">The secret, in printable ASCII.</param>
/// <param name="Origin">The only server that receives the secret.</param>
public sealed record RemoteKey(string Value, RemoteOrigin Origin)
{
    public override string ToString() => $"a key for {Origin}";
}
