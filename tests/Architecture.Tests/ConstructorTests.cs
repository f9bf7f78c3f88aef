using Mono.Cecil;

namespace Architecture.Tests;

public sealed class ConstructorTests
{
    [Theory]
    [MemberData(nameof(SourceProject.Names), MemberType = typeof(SourceProject))]
    public void Constructors_OfAProject_HaveFewParameters(string project)
    {
        using var types = new ProjectTypes(new(project));

        Violations.AssertNone(
            $"Constructors in src/{project} have at most {Rules.MaxConstructorParameters} parameters; records and attributes are exempt. "
            + "Put parameters that belong together into a record.",
            from type in types.Definitions.SelectMany(WithNested)
            where !IsExempt(type)
            from constructor in type.Methods
            where constructor.IsConstructor && constructor.Parameters.Count > Rules.MaxConstructorParameters
            select $"{type.FullName} has a constructor with {constructor.Parameters.Count} parameters.");
    }

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) => type.NestedTypes.SelectMany(WithNested).Prepend(type);

    // The compiler adds a method PrintMembers to every record. Types that the compiler generates have names that C# does not allow.
    private static bool IsExempt(TypeDefinition type) =>
        type.Name.StartsWith('<')
        || type.BaseType?.FullName == typeof(Attribute).FullName
        || type.Methods.Any(method => method.Name == "PrintMembers");
}
