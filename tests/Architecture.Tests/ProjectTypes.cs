using Microsoft.Extensions.Logging;
using Mono.Cecil;

namespace Architecture.Tests;

/// <summary>The top-level types that the source files of a project declare. Generated types have no source file and are left out.</summary>
internal sealed class ProjectTypes : IDisposable
{
    private readonly DefaultAssemblyResolver _resolver = new();
    private readonly ModuleDefinition _module;
    private readonly IReadOnlyDictionary<string, string> _sources;

    public ProjectTypes(SourceProject project)
    {
        // An enum in an attribute can be read only with the assembly of the enum.
        _resolver.AddSearchDirectory(Path.GetDirectoryName(project.Assembly));
        _resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        _resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(ILogger).Assembly.Location));
        _module = ModuleDefinition.ReadModule(project.Assembly, new ReaderParameters { AssemblyResolver = _resolver });

        _sources = project.ReadSources();
        Files = _sources.SelectMany(source => CSharpText.Types(source.Value), (source, type) => (type, source.Key))
            .ToLookup(declaration => declaration.type, declaration => declaration.Key);
        Definitions = [.. _module.Types.Where(type => Files.Contains(NameOf(type)))];
        Violations.AssertNone(
            $"{project.Assembly} contains every type that its sources declare. Build it again, or correct {nameof(CSharpText)}.",
            Files.Select(type => type.Key).Except(Definitions.Select(NameOf)));
    }

    /// <summary>The source files of each type, by the type's full name.</summary>
    public ILookup<string, string> Files { get; }

    /// <summary>The types, as the assembly defines them.</summary>
    public IReadOnlyList<TypeDefinition> Definitions { get; }

    /// <summary>Gets the full name of a type, without type parameters.</summary>
    public static string NameOf(TypeDefinition type) => type.FullName.Split('`')[0];

    /// <summary>Finds the types that each type uses.</summary>
    public ILookup<string, string> FindUses() => Definitions
        .SelectMany(TypeUses.Find, (user, used) => (User: NameOf(user), Used: NameOf(used)))
        .Where(use => Files.Contains(use.Used))
        .Concat(FindConstantUses())
        .Distinct()
        .ToLookup(use => use.User, use => use.Used);

    /// <summary>Finds the source files that each source file uses. The files of a partial type use each other.</summary>
    public ILookup<string, string> FindFileUses()
    {
        var uses = FindUses();
        return Files
            .SelectMany(type => uses[type.Key].Append(type.Key).SelectMany(used => Files[used]), (type, file) => (Users: type, Used: file))
            .SelectMany(use => use.Users, (use, user) => (User: user, use.Used))
            .Where(use => use.User != use.Used)
            .Distinct()
            .ToLookup(use => use.User, use => use.Used);
    }

    public void Dispose()
    {
        _module.Dispose();
        _resolver.Dispose();
    }

    // The compiler copies the values of constants, so only the source text shows which type declares a constant.
    private IEnumerable<(string User, string Used)> FindConstantUses() =>
        from used in Definitions.Where(HasConstants).Select(NameOf)
        from text in _sources.Values
        where CSharpText.UsesMemberOf(text, used)
        from user in CSharpText.Types(text)
        select (user, used);

    private static bool HasConstants(TypeDefinition type) =>
        (!type.IsEnum && type.Fields.Any(field => field.IsLiteral && !field.IsPrivate)) || type.NestedTypes.Any(HasConstants);
}
