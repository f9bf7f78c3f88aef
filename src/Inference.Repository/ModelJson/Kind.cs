using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inference.Repository.ModelJson;

/// <summary>
/// Defines a kind of value in <c>model.json</c>: how a value is read, and how messages, the schema and the docs describe the values.
/// </summary>
internal abstract class Kind
{
    /// <summary>The accepted values in words, for messages (<c>… is expected</c>) and the docs.</summary>
    public abstract string Expected { get; }

    /// <summary>The keys of the objects inside a value, each with its path relative to the value.</summary>
    public virtual IEnumerable<(string Path, Key Key)> Keys => [];

    /// <summary>The JSON Schema of the accepted values.</summary>
    public abstract JsonObject ToSchema();
}

/// <inheritdoc/>
/// <typeparam name="T">The type of the read value.</typeparam>
internal abstract class Kind<T> : Kind
{
    /// <summary>Reads a value and reports its problems.</summary>
    /// <returns>False when there is no result. At least one problem is then reported.</returns>
    public abstract bool TryRead(LocatedJson value, [MaybeNullWhen(false)] out T result);
}

/// <summary>A kind whose values all have the same JSON type.</summary>
/// <param name="token">The token that starts a value.</param>
internal abstract class TypedKind<T>(JsonTokenType token) : Kind<T>
{
    /// <summary>The accepted values in words, for the message about a value of another JSON type.</summary>
    protected virtual string Form => Expected;

    public sealed override bool TryRead(LocatedJson value, [MaybeNullWhen(false)] out T result)
    {
        if (value.Token == token)
            return TryParse(value, out result);
        value.AddTypeProblem(Form);
        result = default;
        return false;
    }

    /// <summary>Reads a value of the right JSON type, as <see cref="TryRead"/> does.</summary>
    protected abstract bool TryParse(LocatedJson value, [MaybeNullWhen(false)] out T result);
}
