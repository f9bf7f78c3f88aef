using System.Text.Json;
using Inference.Protocols.Json;

namespace Inference.Protocols.OpenInference;

/// <summary>The body of a call of the model repository extension. It may be empty, and unknown members are ignored.</summary>
/// <param name="IsReadyOnly">Whether a call that lists the models requests only ready models.</param>
public readonly record struct RepositoryBody(bool IsReadyOnly)
{
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public static RepositoryBody Read(ReadOnlyMemory<byte> body) =>
        ByteOrderMark.Skip(body).IsEmpty ? default : JsonText.ReadObject<RepositoryBody, object?>(body, null, Read);

    /// <summary>
    /// Refuses parameters of a load that override a model's files. If the server ignored such a parameter, it would not load the model
    /// that the caller intends.
    /// </summary>
    /// <param name="parameter">The name of a parameter of a load.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the parameter overrides files.</exception>
    public static void ThrowIfOverride(string parameter)
    {
        if (parameter == "config" || parameter.StartsWith("file:", StringComparison.Ordinal))
        {
            throw InferenceException.InvalidRequest(
                $"parameters.{Quote.Shorten(parameter)}: this server reads a model's files and settings only from the model store. "
                + "Change them there, and load the model again.");
        }
    }

    private static RepositoryBody Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, object? state)
    {
        var (isReadyOnly, hasReady, hasParameters) = (false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("ready"))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasReady, "ready"))
                    isReadyOnly = JsonMembers.ReadBoolean(ref reader, "ready");
            }
            else if (reader.ValueTextEquals("parameters"))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasParameters, "parameters"))
                    ReadParameters(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return new RepositoryBody(isReadyOnly);
    }

    private static void ReadParameters(ref Utf8JsonReader reader)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, "parameters", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.ReadString(ref reader, "parameters");
            reader.Read();
            if (reader.TokenType != JsonTokenType.Null)
                ThrowIfOverride(name);
            reader.Skip();
        }
    }
}
