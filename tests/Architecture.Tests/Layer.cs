namespace Architecture.Tests;

/// <summary>Applies <see cref="Rules.Layers"/> to names.</summary>
internal static class Layer
{
    /// <summary>Gets the layer of a type by its full name, or null when it is in no layer.</summary>
    public static string? Find(string name) => Rules.Layers.Where(layer => Contains(layer, name)).MaxBy(layer => layer.Length);

    /// <summary>Gets the layer of a namespace, or of a type outside the root namespace, or null when it is in no layer.</summary>
    public static string? FindForImport(string name) => Find($"{name}.");

    /// <summary>Tells whether types of the first layer may use types of the second.</summary>
    public static bool MayUse(string user, string used) =>
        Array.IndexOf(Rules.Layers, user) >= Array.IndexOf(Rules.Layers, used) && !Rules.Separate.Contains((user, used));

    private static bool Contains(string layer, string name) =>
        name == layer || (name.StartsWith($"{layer}.", StringComparison.Ordinal) && (layer != Rules.LayeredProject || IsInRoot(name)));

    private static bool IsInRoot(string type) => type.LastIndexOf('.') == Rules.LayeredProject.Length;
}
