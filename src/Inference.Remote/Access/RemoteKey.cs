namespace Inference.Remote.Access;

/// <summary>A secret for one server. It is sent nowhere else, whatever the settings of a model say.</summary>
/// <param name="Value">Printable ASCII.</param>
public sealed record RemoteKey(string Value, RemoteOrigin Origin)
{
    public override string ToString() => $"a key for {Origin}";
}
