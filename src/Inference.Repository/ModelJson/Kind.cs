using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inference.Repository.ModelJson;

/// <summary>A kind of value in <c>model.json</c>: how the reader takes it, and how messages, the schema and the docs describe it.</summary>
internal abstract class Kind
{
    /// <summary>The accepted values in words, for messages (<c>… is expected</c>) and the docs.</summary>
    public abstract string Expected { get; }

    /// <summary>The keys of the objects inside a value, each with its path from the value.</summary>
    public virtual IEnumerable<(string Path, Key Key)> Keys => [];

    /// <summary>The JSON Schema of the accepted values.</summary>
    public abstract JsonObject ToSchema();
}

/// <inheritdoc/>
/// <typeparam name="T">What a value is read into.</typeparam>
internal abstract class Kind<T> : Kind
{
    /// <summary>Reads a value and reports its problems.</summary>
    /// <returns>False when there is no result; at least one problem is reported then.</returns>
    public abstract bool TryRead(LocatedJson value, [MaybeNullWhen(false)] out T result);
}

/// <summary>A kind whose values are all of one JSON type.</summary>
/// <param name="token">The token that starts a value.</param>
internal abstract class TypedKind<T>(JsonTokenType token) : Kind<T>
{
    /// <summary>The accepted values in words, for a value of another type.</summary>
    protected virtual string Form => Expected;

    public sealed override bool TryRead(LocatedJson value, [MaybeNullWhen(false)] out T result)
    {
        if (value.Kind == token)
            return TryParse(value, out result);
        value.RefuseType(Form);
        result = default;
        return false;
    }

    /// <summary>Reads a value of the right type, as <see cref="TryRead"/> does.</summary>
    protected abstract bool TryParse(LocatedJson value, [MaybeNullWhen(false)] out T result);
}
