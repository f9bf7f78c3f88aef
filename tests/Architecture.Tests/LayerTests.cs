namespace Architecture.Tests;

public sealed class LayerTests : IDisposable
{
    private const string Rule = $"""
        Types use only types of their own layer and of lower layers, and never those that Rules.Separate forbids.
        Move the code to the upper layer, or pass it what it needs. Rules.Layers in {Rules.File} lists the layers.
        """;

    private readonly SourceProject _project = new(Rules.LayeredProject);
    private readonly ProjectTypes _types;

    public LayerTests() => _types = new(_project);

    public void Dispose() => _types.Dispose();

    [Fact]
    public void Types_OfTheEngine_AreInALayer() => Violations.AssertNone(
        $"Every type is in a layer. Move the type to one, or add its namespace to Rules.Layers in {Rules.File}.",
        _types.Files.Select(type => type.Key).Where(type => Layer.Find(type) is null).Select(type => $"{type} is in no layer."));

    [Fact]
    public void Uses_BetweenLayers_PointDown() => Violations.AssertNone(
        Rule,
        from uses in _types.FindUses()
        from used in uses
        where !IsAllowed(Layer.Find(uses.Key), Layer.Find(used))
        select $"{uses.Key} uses {used}: {Layer.Find(uses.Key)} may not use {Layer.Find(used)}.");

    // A reference in a comment is not in the assembly, but it needs a using directive.
    [Fact]
    public void Usings_BetweenLayers_PointDown() => Violations.AssertNone(
        Rule,
        from source in _project.ReadSources()
        from import in CSharpText.Usings(source.Value)
        from layer in CSharpText.Types(source.Value).Select(Layer.Find)
        where !IsAllowed(layer, Layer.FindForImport(import))
        select $"{source.Key} imports {import}: {layer} may not use {Layer.FindForImport(import)}.");

    [Fact]
    public void GlobalUsings_OfLayers_DoNotExist() => Violations.AssertNone(
        "No layer is imported into every file, because it would be imported into lower layers too. Import it where it is used.",
        _project.ReadSources().Values.SelectMany(CSharpText.GlobalUsings)
            .Concat(_project.Usings)
            .Where(import => Layer.FindForImport(import) is not null)
            .Select(import => $"{import} is imported globally."));

    private static bool IsAllowed(string? user, string? used) => user is null || used is null || Layer.MayUse(user, used);
}
